/**
 * Which servers exist, which of them are worth a try, and when.
 */
@NullMarked
package io.mallard.internal.server;

import org.jspecify.annotations.NullMarked;
