/**
 * The clients that are compared, each behind the same few interfaces: what is asked of them is the same, how they do it is
 * their own.
 */
@NullMarked
package io.mallard.benchmarks.client;

import org.jspecify.annotations.NullMarked;
