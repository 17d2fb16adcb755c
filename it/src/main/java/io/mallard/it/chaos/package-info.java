/**
 * Everything that can go wrong with a server or the way to it, in an order that a seed decides, under load in every direction; and
 * what is promised of each.
 */
@NullMarked
package io.mallard.it.chaos;

import org.jspecify.annotations.NullMarked;
