package io.mallard.benchmarks;

import io.mallard.RequestBufferOptions;
import io.mallard.RequestOptions;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.RequestBuffer;
import io.mallard.internal.request.RequestTable;
import io.mallard.internal.request.Requester;
import io.mallard.internal.request.Resender;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.protocol.net.EventLoop;
import java.time.Duration;
import java.util.Random;

/**
 * Requests made while there is no connection, without the rest of a client.
 *
 * <p>Threading: used by one thread.
 */
final class WaitingRequests {
    private static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofMinutes(1));
    private static final int MAX_PAYLOAD = 1 << 20;

    private final Router router = new Router(Route.offline(OutboundBuffer.offline(1 << 20), MAX_PAYLOAD));
    private final RequestTable table;
    private final RequestBuffer buffer;
    private final Requester requester;

    /** {@code loop} is not started. */
    WaitingRequests(EventLoop loop, int maxRequests) {
        Counters counters = new Counters();
        EventLog log = new EventLog();
        table = new RequestTable(
                new Inbox("_INBOX", new Random(1)), new Resender(router, () -> false), counters, System.nanoTime());
        buffer = new RequestBuffer(
                table,
                router,
                () -> {},
                counters,
                log,
                Runnable::run,
                new RequestBufferOptions(maxRequests, Long.MAX_VALUE, Duration.ofMinutes(1)));
        requester = new Requester(table, buffer, router, loop, Runnable::run, () -> false, log);
    }

    void ask(String subject, byte[] payload) {
        var unused = requester.requestAsync(subject, payload, OPTIONS);
    }

    int waiting() {
        return buffer.size();
    }

    /** There is a connection: everything that waits is sent. */
    void sendTo(ServerConnection connection) {
        router.moveTo(Route.to(connection));
        buffer.onTick(System.nanoTime());
    }
}
