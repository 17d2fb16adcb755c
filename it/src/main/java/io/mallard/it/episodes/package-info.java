/** The command line of the long run. */
@NullMarked
package io.mallard.it.episodes;

import org.jspecify.annotations.NullMarked;
