/**
 * A run told to people: the progress line, the table and the HTML page.
 */
@NullMarked
package io.mallard.it.report;

import org.jspecify.annotations.NullMarked;
