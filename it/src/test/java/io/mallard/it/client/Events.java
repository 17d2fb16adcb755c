package io.mallard.it.client;

import io.mallard.ClientListener;
import io.mallard.HandoverReport;
import io.mallard.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A listener that keeps every event with its time.
 *
 * <p>Threading: told by one thread at a time, read by anybody.
 */
final class Events implements ClientListener {
    enum Kind {
        CONNECTED,
        DISCONNECTED,
        RECONNECTED,
        LAME_DUCK,
        HANDOVER,
        SLOW_CONSUMER,
        ERROR,
        CLOSED
    }

    /**
     * One event.
     *
     * @param url the server it is about; of a handover the one that took over; empty when it is about none
     * @param inDoubt of a loss, the publishes in doubt
     */
    record Event(Kind kind, String url, @Nullable Throwable cause, long inDoubt, long atNs) {}

    private final List<Event> events = new CopyOnWriteArrayList<>();

    private final List<HandoverReport> reports = new CopyOnWriteArrayList<>();

    /** Whether so many handovers and one more have ended. */
    boolean hasReport(int index) {
        return reports.size() > index;
    }

    /** The ledger of the handover that has {@code index} others before it, within a time. */
    HandoverReport awaitReport(int index) {
        Eventually.eventually("handover number " + (index + 1) + " to end, after " + kinds(), () -> hasReport(index));
        return reports.get(index);
    }

    @Override
    public void onHandoverComplete(HandoverReport report) {
        reports.add(report);
    }

    List<Event> all() {
        return List.copyOf(events);
    }

    List<Kind> kinds() {
        return events.stream().map(Event::kind).toList();
    }

    List<Event> of(Kind kind) {
        return events.stream().filter(event -> event.kind() == kind).toList();
    }

    /** Publishes in doubt, over all losses. */
    long inDoubt() {
        return events.stream().mapToLong(Event::inDoubt).sum();
    }

    /** The first event of this kind, within a time. */
    Event await(Kind kind) {
        return await(kind, 0);
    }

    /** The event of this kind that has {@code index} others before it, within a time. */
    Event await(Kind kind, int index) {
        Eventually.eventually(kind + " number " + (index + 1) + " after " + kinds(), () -> of(kind).size() > index);
        return of(kind).get(index);
    }

    @Override
    public void onConnected(String url) {
        add(Kind.CONNECTED, url, null, 0);
    }

    @Override
    public void onDisconnected(String url, @Nullable Throwable cause, long publishesInDoubt) {
        add(Kind.DISCONNECTED, url, cause, publishesInDoubt);
    }

    @Override
    public void onReconnected(String url) {
        add(Kind.RECONNECTED, url, null, 0);
    }

    @Override
    public void onLameDuckMode(String url) {
        add(Kind.LAME_DUCK, url, null, 0);
    }

    @Override
    public void onHandover(String fromUrl, String toUrl) {
        add(Kind.HANDOVER, toUrl, null, 0);
    }

    @Override
    public void onSlowConsumer(Subscription subscription) {
        add(Kind.SLOW_CONSUMER, "", null, 0);
    }

    @Override
    public void onError(Throwable error) {
        add(Kind.ERROR, "", error, 0);
    }

    @Override
    public void onClosed() {
        add(Kind.CLOSED, "", null, 0);
    }

    private void add(Kind kind, String url, @Nullable Throwable cause, long inDoubt) {
        events.add(new Event(kind, url, cause, inDoubt, System.nanoTime()));
    }
}
