package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes every event down as a line of text.
 */
final class RecordingHandler implements ProtocolHandler {
    private final List<Runnable> pending = new ArrayList<>();
    private final List<String> events = new ArrayList<>();

    /** All events so far; the arrays of messages are looked at only now, to see that nothing wrote to them since. */
    List<String> events() {
        pending.forEach(Runnable::run);
        pending.clear();
        return events;
    }

    @Override
    public void onInfo(ServerInfo info) {
        pending.add(() -> events.add("INFO " + info));
    }

    @Override
    public void onMessage(MessageView message) {
        String line = "MSG " + message.subject() + " " + message.sid()
                + (message.hasReply() ? " reply=" + message.reply() : "");
        byte[] headers = message.headers();
        byte[] payload = message.payload();
        pending.add(() -> events.add(
                line + (headers == null ? "" : " headers=[" + text(headers) + "]") + " [" + text(payload) + "]"));
    }

    @Override
    public void onPing() {
        pending.add(() -> events.add("PING"));
    }

    @Override
    public void onPong() {
        pending.add(() -> events.add("PONG"));
    }

    @Override
    public void onOk() {
        pending.add(() -> events.add("+OK"));
    }

    @Override
    public void onError(String message) {
        pending.add(() -> events.add("-ERR " + message));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
