/**
 * Who the client is: what it says of itself to a server, and what proves it.
 */
@NullMarked
package io.mallard.internal.auth;

import org.jspecify.annotations.NullMarked;
