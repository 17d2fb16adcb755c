/**
 * The inside of one client: {@link io.mallard.internal.Conductor} decides, on the event loop, which connection carries the traffic.
 */
@NullMarked
package io.mallard.internal;

import org.jspecify.annotations.NullMarked;
