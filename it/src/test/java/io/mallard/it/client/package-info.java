/**
 * The client against real servers and scripted ones: one class per promise.
 */
@NullMarked
package io.mallard.it.client;

import org.jspecify.annotations.NullMarked;
