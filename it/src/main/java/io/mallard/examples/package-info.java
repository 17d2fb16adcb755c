/**
 * What a new user copies from: one file for each thing somebody wants to do. {@code core/src/main/docs/EXAMPLES.md} lists them.
 */
@NullMarked
package io.mallard.examples;

import org.jspecify.annotations.NullMarked;
