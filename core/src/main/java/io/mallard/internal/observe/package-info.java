/**
 * What an operator sees of the inside.
 */
@NullMarked
package io.mallard.internal.observe;

import org.jspecify.annotations.NullMarked;
