/** The presets of the one run: which load, how many lame ducks, and what is told of it. */
@NullMarked
package io.mallard.it.preset;

import org.jspecify.annotations.NullMarked;
