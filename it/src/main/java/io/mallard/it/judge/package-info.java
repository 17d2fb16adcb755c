/**
 * Who saw what: raw sockets on every server, and the ledgers that turn their observations into findings. Nothing here is Mallard's
 * own client.
 */
@NullMarked
package io.mallard.it.judge;

import org.jspecify.annotations.NullMarked;
