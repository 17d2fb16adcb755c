package io.mallard.internal.request;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.NatsStatus;
import io.mallard.RequestBufferOptions;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;
import io.mallard.internal.request.RequestTableStress.CountingRequest;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.route.Routes;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** A request takes a place while the loop finds a connection, loses one, or ends. */
public class RequestBufferStress {
    private static final int LIMIT = 1_000;
    /** Less than the buffer lets a request wait: a deadline brought forward would wake the loop for its own sake. */
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    private static final EventLog LOG = new EventLog();
    private static final byte[] NOTHING = {};

    /** A client without a connection, its loop, and what its next connection is sent. */
    @State
    public static class Client {
        final RequestTable table = RequestTableStress.table();
        final Router router = new Router(Route.offline(OutboundBuffer.offline(LIMIT), LIMIT));
        final Counters counters = new Counters();
        final AtomicInteger wakeUps = new AtomicInteger();
        final RequestBuffer buffer = new RequestBuffer(
                table, router, wakeUps::incrementAndGet, counters, LOG, Runnable::run, RequestBufferOptions.DEFAULTS);
        private final FakeTransport transport = new FakeTransport();
        private CountingRequest latest;
        private final OutboundBuffer outbound = OutboundBuffer.ofConnection(LIMIT);
        private final SocketWriter writer = new SocketWriter(outbound, transport, cause -> {});

        CountingRequest request() {
            CountingRequest request = new CountingRequest(System.nanoTime() + TIMEOUT_NS);
            table.add(request);
            latest = request;
            return request;
        }

        void add(PendingRequest request) {
            buffer.add(request, NOTHING, 1, false, System.nanoTime());
        }

        void connect() {
            router.moveTo(Routes.to(outbound, writer, LIMIT));
            buffer.onTick(System.nanoTime());
        }

        /** What the loop does when it was woken. */
        void turnIfWoken() {
            if (wakeUps.get() > 0) {
                buffer.onTick(System.nanoTime());
            }
        }

        /** The numbers of the requests the connection was sent, in order. */
        String sent() {
            StringBuilder numbers = new StringBuilder();
            for (String line : transport.takeWritten().split("\r\n", -1)) {
                if (line.startsWith("PUB echo ")) {
                    String token = line.substring(line.lastIndexOf('.') + 1, line.lastIndexOf(' '));
                    numbers.append(PendingRequest.number(Long.parseLong(token)));
                }
            }
            return numbers.toString();
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "found by the loop, or the loop was woken for it")
    public static class ARequestThatMeetsTheNextConnectionIsSent {
        @Actor
        public void caller(Client client) {
            client.add(client.request());
        }

        @Actor
        public void loop(Client client) {
            client.connect();
        }

        @Arbiter
        public void end(Client client, L_Result r) {
            client.turnIfWoken();
            r.r1 = client.sent();
        }
    }

    /** Whoever finds that nobody waits any more goes past the buffer, as {@link Requester} does. */
    @JCStressTest
    @State
    @Outcome(id = "12", expect = ACCEPTABLE, desc = "in the order of the calls")
    public static class ARequestThatNeedNotWaitComesBehindThoseThatHadTo {
        private final Client client = new Client();
        private final CountingRequest first = client.request();
        private final CountingRequest second = client.request();

        public ARequestThatNeedNotWaitComesBehindThoseThatHadTo() {
            client.add(first);
        }

        @Actor
        public void caller() {
            while (!client.buffer.isEmpty()) {
                Thread.onSpinWait();
            }
            client.outbound.request(
                    second, "echo", RequestTableStress.INBOX.prefix(), second.token, NOTHING, 0, 0, 100);
            client.writer.flush();
        }

        @Actor
        public void loop() {
            client.connect();
        }

        @Arbiter
        public void end(L_Result r) {
            r.r1 = client.sent();
        }
    }

    /** The next request of a caller goes past the buffer or takes a place behind. */
    @JCStressTest
    @State
    @Outcome(id = "12", expect = ACCEPTABLE, desc = "in the order of the calls")
    public static class TheNextRequestOfACallerDoesNotOvertake {
        private final Client client = new Client();
        private final CountingRequest first = client.request();
        private final CountingRequest second = client.request();

        @Actor
        public void caller() {
            client.add(first);
            if (client.buffer.isEmpty()) {
                client.outbound.request(
                        second, "echo", RequestTableStress.INBOX.prefix(), second.token, NOTHING, 0, 0, 100);
                client.writer.flush();
            } else {
                client.add(second);
            }
        }

        @Actor
        public void loop() {
            client.connect();
        }

        @Arbiter
        public void end(L_Result r) {
            client.turnIfWoken();
            r.r1 = client.sent();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "by the end of the client, or by its caller")
    public static class ARequestThatMeetsTheEndIsEnded {
        @Actor
        public void caller(Client client) {
            client.add(client.request());
        }

        @Actor
        public void loop(Client client) {
            client.router.moveTo(Route.closed());
            client.table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");
        }

        @Arbiter
        public void end(Client client, III_Result r) {
            r.r1 = client.latest.failures;
            r.r2 = client.buffer.size();
            r.r3 = client.table.size();
        }
    }

    /** Its deadline comes when there is a connection at last. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "it has ended and is not sent")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "it was sent before it ended")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "the loop had it in its hands: its caller looks again")
    public static class ARequestThatEndsLeavesItsPlaceOnce {
        private final Client client = new Client();
        private final CountingRequest request = client.request();

        public ARequestThatEndsLeavesItsPlaceOnce() {
            client.add(request);
        }

        @Actor
        public void caller(III_Result r) {
            r.r1 = client.table.timeOut(request) ? 1 : 0;
        }

        @Actor
        public void loop() {
            client.connect();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = client.sent().length();
            r.r3 = client.buffer.size() + client.counters.requestBufferBytes.intValue();
        }
    }
}
