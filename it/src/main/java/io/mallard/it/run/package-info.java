/**
 * One run: a cluster whose servers go lame one after the other under a client with load, and what that showed.
 */
@NullMarked
package io.mallard.it.run;

import org.jspecify.annotations.NullMarked;
