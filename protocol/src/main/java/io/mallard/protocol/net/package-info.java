/**
 * Sockets and the one thread that watches them: the event loop and the transports it drives.
 */
@NullMarked
package io.mallard.protocol.net;

import org.jspecify.annotations.NullMarked;
