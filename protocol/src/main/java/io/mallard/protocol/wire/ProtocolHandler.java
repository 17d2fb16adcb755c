package io.mallard.protocol.wire;

/**
 * Receives what {@link ProtocolParser} reads, in the order of the bytes.
 *
 * <p>Threading: called on the thread that calls {@link ProtocolParser#parse}.
 */
public interface ProtocolHandler {
    void onInfo(ServerInfo info);

    /** One MSG or HMSG. The view is valid only during the call; its arrays belong to the handler afterwards. */
    void onMessage(MessageView message);

    void onPing();

    void onPong();

    void onOk();

    /** The text of an {@code -ERR}, without its quotes. */
    void onError(String message);
}
