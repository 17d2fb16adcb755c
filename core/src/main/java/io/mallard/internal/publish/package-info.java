/**
 * The caller's side of a publish.
 */
@NullMarked
package io.mallard.internal.publish;

import org.jspecify.annotations.NullMarked;
