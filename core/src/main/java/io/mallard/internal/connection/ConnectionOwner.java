package io.mallard.internal.connection;

import io.mallard.protocol.wire.MessageView;

/**
 * What a ready connection tells whoever is responsible for it.
 *
 * <p>Threading: called on the event loop.
 */
public interface ConnectionOwner {
    /** The connection received an INFO: {@link ServerConnection#info()} has changed. */
    void onInfo(ServerConnection connection);

    /** The server is about to close the connection. Once; {@link ServerConnection#isLameDuck()} stays true. */
    void onLameDuck(ServerConnection connection);

    void onMessage(ServerConnection connection, MessageView message);

    /** The connection received an {@code -ERR}; if it is fatal the server closes the connection next. */
    void onServerError(ServerConnection connection, String text);

    /** The connection is gone. Once, unless its owner closed it. */
    void onClosed(ServerConnection connection, Throwable cause);
}
