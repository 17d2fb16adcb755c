/** A server that means harm: a catalogue of its attacks, and what a client makes of each. */
@NullMarked
package io.mallard.it.hostile;

import org.jspecify.annotations.NullMarked;
