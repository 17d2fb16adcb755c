package io.mallard.internal.connection;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.protocol.wire.MessageView;
import java.util.ArrayList;
import java.util.List;

/** Notes what a connection tells it, from the first attempt on. */
public class RecordingOwner implements Dialer.Caller, ConnectionOwner {
    private final List<String> events = new ArrayList<>();

    /** What was told since the last call. */
    public List<String> takeEvents() {
        List<String> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    protected void note(String event) {
        events.add(event);
    }

    @Override
    public void onReady(ServerConnection connection) {
        note("ready");
        connection.owner(this);
    }

    @Override
    public void onFailed(Throwable cause, boolean connected) {
        note((connected ? "failed: " : "not reached: ") + cause.getMessage());
    }

    @Override
    public void onInfo(ServerConnection connection) {
        note("info " + connection.info().maxPayload());
    }

    @Override
    public void onLameDuck(ServerConnection connection) {
        note("lame duck");
    }

    @Override
    public void onMessage(ServerConnection connection, MessageView message) {
        note("message " + message.sid() + " " + new String(message.payload(), UTF_8));
    }

    @Override
    public void onServerError(ServerConnection connection, String text) {
        note("error " + text);
    }

    @Override
    public void onClosed(ServerConnection connection, Throwable cause) {
        note("closed: " + cause.getMessage());
    }
}
