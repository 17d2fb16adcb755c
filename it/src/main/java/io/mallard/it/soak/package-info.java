/** What the process of a long run holds while it goes on, and the rule that says whether that stays the same. */
@NullMarked
package io.mallard.it.soak;

import org.jspecify.annotations.NullMarked;
