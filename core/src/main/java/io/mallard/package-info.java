/**
 * The NATS client as its users see it: {@link io.mallard.NatsClient} and what goes in and out of it.
 */
@NullMarked
package io.mallard;

import org.jspecify.annotations.NullMarked;
