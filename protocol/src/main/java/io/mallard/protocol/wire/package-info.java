/**
 * Bytes to meaning and back: the NATS client protocol. Pure: no thread, no clock, no logging, no I/O.
 */
@NullMarked
package io.mallard.protocol.wire;

import org.jspecify.annotations.NullMarked;
