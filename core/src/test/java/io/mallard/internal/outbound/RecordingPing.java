package io.mallard.internal.outbound;

import java.util.List;

/** A waiter that notes what happens to its PING. */
final class RecordingPing extends Ping {
    private final String name;
    private final List<String> events;

    RecordingPing(String name, List<String> events) {
        this.name = name;
        this.events = events;
    }

    @Override
    public void onPong() {
        events.add(name + " answered");
    }

    @Override
    public void onLost() {
        events.add(name + " lost");
    }

    @Override
    public String toString() {
        return name;
    }
}
