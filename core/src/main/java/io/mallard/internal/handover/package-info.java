/**
 * Leaving one connection for another without dropping what is on the way.
 */
@NullMarked
package io.mallard.internal.handover;

import org.jspecify.annotations.NullMarked;
