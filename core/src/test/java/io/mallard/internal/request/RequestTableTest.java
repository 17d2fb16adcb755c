package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.internal.FakeMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestTableTest {
    private static final NatsMessage.Replier NOBODY = (subject, payload) -> {};
    private static final long TIMEOUT_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private static class RecordingRequest extends PendingRequest {
        final List<String> replies = new ArrayList<>();
        final List<NatsException> failures = new ArrayList<>();

        RecordingRequest(long nowNs) {
            super("echo", TIMEOUT_NS, nowNs);
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

    private final RequestTable table = new RequestTable(new Inbox(new Random(1)), 0);

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
            assertThat(failure).hasMessage("no reply to \"echo\" within 1500 ms");
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
