/**
 * One service, written with jnats and with Mallard: what {@code FROM-JNATS.md} shows.
 */
@NullMarked
package io.mallard.examples.port;

import org.jspecify.annotations.NullMarked;
