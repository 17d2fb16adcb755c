package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.internal.FakeMessage;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.protocol.wire.ProtocolEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RequestTableTest {
    private static final NatsMessage.Replier NOBODY = (subject, payload) -> {};
    private static final long TIMEOUT_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private static class RecordingRequest extends PendingRequest {
        final List<String> replies = new ArrayList<>();
        final List<NatsException> failures = new ArrayList<>();

        RecordingRequest(long nowNs) {
            super("echo", null, RequestOptions.timeout(Duration.ofNanos(TIMEOUT_NS)), null, TIMEOUT_NS, nowNs);
        }

        @Override
        void succeed(NatsMessage reply) {
            replies.add(new String(reply.payload(), US_ASCII));
        }

        @Override
        void fail(NatsException why) {
            failures.add(why);
        }
    }

    private final Resender nowhere = new Resender(new Router(Route.closed()), () -> false);
    private final RequestTable table = new RequestTable(new Inbox("_INBOX", new Random(1)), nowhere, new Counters(), 0);

    @Test
    void aReplyEndsItsRequestAndNoOther() {
        RecordingRequest first = add(0);
        RecordingRequest second = add(0);

        reply(second, null, "two");

        assertThat(second.replies).containsExactly("two");
        assertThat(first.replies).isEmpty();
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void aSecondReplyIsDropped() {
        RecordingRequest request = add(0);

        reply(request, null, "first");
        reply(request, null, "second");
        table.expire(TIMEOUT_NS);
        table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");

        assertThat(request.replies).containsExactly("first");
        assertThat(request.failures).isEmpty();
    }

    @Test
    void aReplyToASubjectThatIsNoRequestsIsDropped() {
        RecordingRequest request = add(0);

        table.onReply(new FakeMessage(Inbox.SID, "_INBOX.somebody.else", "x"), NOBODY);
        table.onReply(new FakeMessage(Inbox.SID, inbox() + 99, "x"), NOBODY);

        assertThat(request.replies).isEmpty();
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void anEmpty503MeansThatNobodyListens() {
        RecordingRequest request = add(0);

        reply(request, "NATS/1.0 503\r\n\r\n", "");

        assertThat(request.failures).singleElement().satisfies(failure -> {
            assertThat(failure.status()).isEqualTo(NatsStatus.NO_RESPONDERS);
            assertThat(failure).hasMessage("no responders are subscribed to \"echo\"");
        });
    }

    @Test
    void aReplyWithOtherHeadersOrAPayloadIsAReply() {
        RecordingRequest headers = add(0);
        RecordingRequest payload = add(0);

        reply(headers, "NATS/1.0\r\nA: b\r\n\r\n", "");
        reply(payload, "NATS/1.0 503\r\n\r\n", "x");

        assertThat(headers.replies).containsExactly("");
        assertThat(payload.replies).containsExactly("x");
    }

    @Test
    void aRequestFailsAtItsDeadlineOnce() {
        RecordingRequest request = add(7);

        assertThat(table.expire(7 + TIMEOUT_NS - 1)).isEqualTo(1);
        assertThat(request.failures).isEmpty();
        assertThat(table.expire(7 + TIMEOUT_NS)).isEqualTo(Long.MAX_VALUE);
        table.expire(7 + TIMEOUT_NS + 1);
        reply(request, null, "late");

        assertThat(request.replies).isEmpty();
        assertThat(request.failures).singleElement().satisfies(failure -> {
            assertThat(failure.status()).isEqualTo(NatsStatus.TIMEOUT);
            assertThat(failure).hasMessage("no reply to \"echo\" within 1500 ms; the request was never sent");
        });
        assertThat(table.size()).isZero();
    }

    @Test
    void whoeverRemovesARequestEndsIt() {
        RecordingRequest request = add(0);

        assertThat(table.remove(request)).isTrue();
        assertThat(table.remove(request)).isFalse();
        reply(request, null, "late");
        table.expire(TIMEOUT_NS);

        assertThat(request.replies).isEmpty();
        assertThat(request.failures).isEmpty();
    }

    @Test
    void theEndOfTheClientFailsEveryRequest() {
        List<RecordingRequest> requests = List.of(add(0), add(0), add(0));

        table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");

        assertThat(requests)
                .allSatisfy(request -> assertThat(request.failures)
                        .singleElement()
                        .satisfies(failure -> assertThat(failure.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED)));
        assertThat(table.size()).isZero();
        assertThat(table.expire(TIMEOUT_NS)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aRequestThatCannotBeEndedKeepsNoOtherWaiting() {
        List<RecordingRequest> dueFirst = List.of(add(0), addDefective(0), add(0));
        List<RecordingRequest> dueLater = List.of(add(1), addDefective(1), add(1));

        List<Throwable> reported = reportedBy(() -> {
            table.expire(TIMEOUT_NS);
            table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");
        });

        assertThat(dueFirst).allSatisfy(request -> assertThat(request.failures).hasSize(1));
        assertThat(dueLater).allSatisfy(request -> assertThat(request.failures).hasSize(1));
        assertThat(reported).hasSize(2).allSatisfy(thrown -> assertThat(thrown).hasMessage("defect"));
    }

    @Test
    void aRequestThatCannotTakeItsReplyHarmsNoConnection() {
        RecordingRequest request = addDefective(0);

        List<Throwable> reported = reportedBy(() -> reply(request, null, "x"));

        assertThat(request.replies).containsExactly("x");
        assertThat(reported)
                .singleElement()
                .satisfies(thrown -> assertThat(thrown).hasMessage("defect"));
    }

    /** The moment in which one thread hands a request to the socket and another one gives it up. */
    @Test
    @Timeout(60)
    void whatIsSaidToBeNeverSentIsNeverSent() throws Exception {
        int rounds = 20_000;
        FakeTransport transport = new FakeTransport();
        OutboundBuffer outbound = OutboundBuffer.ofConnection(1 << 10);
        SocketWriter writer = new SocketWriter(outbound, transport, failure -> {});
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        Thread sender = new Thread(() -> {
            for (int round = 1; round <= rounds; round++) {
                awaitRound(begun, round);
                writer.flush();
                ended.set(round);
            }
        });
        sender.start();

        // Two threads that meet 20,000 times need two free cores; on a busy machine fewer meetings have to do.
        long enoughNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        try {
            for (int round = 1; round <= rounds && enoughNs - System.nanoTime() > 0; round++) {
                RecordingRequest request = add(System.nanoTime());
                send(request, outbound);
                begun.set(round);
                table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");
                awaitRound(ended, round);
                String sent = transport.takeWritten();
                if (request.failures.get(0).getMessage().contains("never sent")) {
                    assertThat(sent).as("round %d", round).isEmpty();
                }
            }
        } finally {
            begun.set(rounds); // The other one must come to its end even if this one failed.
            sender.join();
        }
    }

    private static void awaitRound(AtomicInteger reached, int round) {
        while (reached.get() < round) {
            Thread.onSpinWait();
        }
    }

    private void send(RecordingRequest request, OutboundBuffer outbound) {
        byte[] prefix = table.inbox().prefix();
        int size = ProtocolEncoder.pubSize(1, ProtocolEncoder.requestReplySize(prefix, request.token), 0, 0);
        outbound.request(request, "r", prefix, request.token, new byte[0], 0, 0, size);
    }

    private static List<Throwable> reportedBy(Runnable action) {
        List<Throwable> reported = new ArrayList<>();
        Thread current = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = current.getUncaughtExceptionHandler();
        current.setUncaughtExceptionHandler((thread, thrown) -> reported.add(thrown));
        try {
            action.run();
        } finally {
            current.setUncaughtExceptionHandler(before);
        }
        return reported;
    }

    private RecordingRequest addDefective(long nowNs) {
        RecordingRequest request = new RecordingRequest(nowNs) {
            @Override
            void succeed(NatsMessage reply) {
                super.succeed(reply);
                throw new IllegalStateException("defect");
            }

            @Override
            void fail(NatsException why) {
                super.fail(why);
                throw new IllegalStateException("defect");
            }
        };
        table.add(request);
        return request;
    }

    private RecordingRequest add(long nowNs) {
        RecordingRequest request = new RecordingRequest(nowNs);
        table.add(request);
        return request;
    }

    private String inbox() {
        return new String(table.inbox().prefix(), US_ASCII);
    }

    private void reply(RecordingRequest request, String headers, String payload) {
        table.onReply(new FakeMessage(Inbox.SID, inbox() + request.token, null, headers, payload), NOBODY);
    }
}
