/**
 * Real and scripted NATS servers on loopback, and the independent raw peer that judges what a client did with them.
 */
@NullMarked
package io.mallard.it.support;

import org.jspecify.annotations.NullMarked;
