/**
 * A client in a Spring Boot application. Not in the jar of the programs: that would bring Spring along.
 */
@NullMarked
package io.mallard.examples.spring;

import org.jspecify.annotations.NullMarked;
