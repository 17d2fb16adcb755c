/** Parts of the client, measured by themselves. */
@NullMarked
package io.mallard.benchmarks.parts;

import org.jspecify.annotations.NullMarked;
