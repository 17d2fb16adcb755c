/**
 * Servers that exist in memory alone, for a handover that is played before there is one.
 */
@NullMarked
package io.mallard.internal.rehearsal;

import org.jspecify.annotations.NullMarked;
