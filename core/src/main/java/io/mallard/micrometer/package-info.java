/**
 * What a client counts, as Micrometer meters. For applications that have {@code micrometer-core}: Mallard does not bring it along.
 */
@NullMarked
package io.mallard.micrometer;

import org.jspecify.annotations.NullMarked;
