/** What a request feels while its client moves from one server to another. */
@NullMarked
package io.mallard.benchmarks.swap;

import org.jspecify.annotations.NullMarked;
