/**
 * The measurement from which the publish settle is chosen: how often a stream of publishes that moves from one server to another is
 * seen out of order, by how long it waits in between.
 */
@NullMarked
package io.mallard.it.settle;

import org.jspecify.annotations.NullMarked;
