/**
 * From a received message to the handler of its subscription.
 */
@NullMarked
package io.mallard.internal.subscribe;

import org.jspecify.annotations.NullMarked;
