/**
 * Requests and publishes on a fixed schedule through one client, whichever it is, what that is sent meanwhile, and how long all
 * of it took.
 */
@NullMarked
package io.mallard.it.load;

import org.jspecify.annotations.NullMarked;
