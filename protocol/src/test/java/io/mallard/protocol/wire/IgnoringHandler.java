package io.mallard.protocol.wire;

/**
 * A handler for tests that look at one kind of event.
 */
class IgnoringHandler implements ProtocolHandler {
    @Override
    public void onInfo(ServerInfo info) {}

    @Override
    public void onMessage(MessageView message) {}

    @Override
    public void onPing() {}

    @Override
    public void onPong() {}

    @Override
    public void onOk() {}

    @Override
    public void onError(String message) {}
}
