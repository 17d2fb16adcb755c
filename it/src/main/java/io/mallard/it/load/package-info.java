/**
 * Requests and publishes on a fixed schedule through one client, whichever it is, and how long they took.
 */
@NullMarked
package io.mallard.it.load;

import org.jspecify.annotations.NullMarked;
