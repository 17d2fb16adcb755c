/** Looks for inputs that the readers of foreign bytes do not stand, and keeps those that reach something new. */
@NullMarked
package io.mallard.it.fuzz;

import org.jspecify.annotations.NullMarked;
