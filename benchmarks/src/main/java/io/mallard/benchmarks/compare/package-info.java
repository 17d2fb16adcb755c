/**
 * The driver that measures clients in turns, so that whatever else happens on the machine happens to all of them, and tells how
 * they compare, round by round.
 */
@NullMarked
package io.mallard.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
