/**
 * Requests that wait for a reply: from the caller's token to the reply that carries it.
 */
@NullMarked
package io.mallard.internal.request;

import org.jspecify.annotations.NullMarked;
