/**
 * Calls between servers the way Pitaya does it: requests and responses in the protobuf messages of its clusters, byte for byte, over the
 * client of {@link io.mallard}, whose moves from server to server they do not notice.
 */
@NullMarked
package io.mallard.rpc;

import org.jspecify.annotations.NullMarked;
