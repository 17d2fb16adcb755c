/** The demo's command line. */
@NullMarked
package io.mallard.it.demo;

import org.jspecify.annotations.NullMarked;
