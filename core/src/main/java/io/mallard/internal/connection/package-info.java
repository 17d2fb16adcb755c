/**
 * One socket's whole life: dialled, shaken hands with, kept alive, closed.
 */
@NullMarked
package io.mallard.internal.connection;

import org.jspecify.annotations.NullMarked;
