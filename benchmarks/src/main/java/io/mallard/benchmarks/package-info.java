/**
 * JMH benchmarks, one question per class. Run them with {@code -prof gc}: the bytes per operation are part of the answer.
 */
@NullMarked
package io.mallard.benchmarks;

import org.jspecify.annotations.NullMarked;
