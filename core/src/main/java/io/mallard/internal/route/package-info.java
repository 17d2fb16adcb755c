/**
 * Where traffic goes now, and the connections it could go to next.
 */
@NullMarked
package io.mallard.internal.route;

import org.jspecify.annotations.NullMarked;
