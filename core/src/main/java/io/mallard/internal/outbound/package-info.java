/**
 * From an encoded command to the socket: the buffer callers append to and the token that writes it out.
 */
@NullMarked
package io.mallard.internal.outbound;

import org.jspecify.annotations.NullMarked;
