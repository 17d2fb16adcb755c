/**
 * The measurement from which a deployment is sized: what a client and each of its standbys cost, in the client and in the servers.
 */
@NullMarked
package io.mallard.it.sizing;

import org.jspecify.annotations.NullMarked;
