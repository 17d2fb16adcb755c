/** The programs. */
@NullMarked
package io.mallard.it;

import org.jspecify.annotations.NullMarked;
