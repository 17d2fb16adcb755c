/**
 * What a run is to reach beyond keeping its promise: each target with its definition and what was measured of it.
 */
@NullMarked
package io.mallard.it.targets;

import org.jspecify.annotations.NullMarked;
