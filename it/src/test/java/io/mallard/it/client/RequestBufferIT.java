package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The only server there is dies while requests are made, and comes back. */
@NoLeaks
class RequestBufferIT {
    private static final Logger LOG = LoggerFactory.getLogger(RequestBufferIT.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration SOON = Duration.ofMillis(20);
    private static final RequestOptions OPTIONS = RequestOptions.timeout(TIMEOUT);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    private NatsOptions.Builder options(SoleServer sole) {
        return NatsOptions.builder()
                .servers(sole.url())
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON);
    }

    private void die(SoleServer sole, int times) {
        sole.die();
        events.await(Kind.DISCONNECTED, times);
    }

    private CompletableFuture<NatsMessage> ask(NatsClient client, long number, RequestOptions options) {
        return clients.track(client.requestAsync("f.ask", Numbers.payload(number), options));
    }

    private List<CompletableFuture<NatsMessage>> askAll(NatsClient client, long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(number -> ask(client, number, OPTIONS))
                .toList();
    }

    @Test
    void aThousandRequestsThatWaitedAreAnsweredInTheOrderTheyWereMadeWithinAMoment() {
        int requests = 1_000;
        int rounds = 5;
        List<Long> tookUs = new ArrayList<>();
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole))) {
            for (int round = 0; round < rounds; round++) {
                die(sole, round);
                List<CompletableFuture<NatsMessage>> replies = askAll(client, 1, requests);
                assertThat(client.pendingRequestCount()).isEqualTo(requests);
                Numbers executed = new Numbers();
                sole.comeBack();
                try (RawNats responder = Peers.responder(sole.server, "f.ask", executed)) {
                    CompletableFuture<Long> answeredNs = CompletableFuture.allOf(
                                    replies.toArray(CompletableFuture[]::new))
                            .thenApply(all -> System.nanoTime());
                    sole.openWay();

                    long doneNs = clients.track(answeredNs).join();
                    tookUs.add(TimeUnit.NANOSECONDS.toMicros(
                            doneNs - events.await(Kind.RECONNECTED, round).atNs()));
                    for (int i = 0; i < requests; i++) {
                        assertThat(replies.get(i).join().payload()).isEqualTo(Numbers.payload(i + 1));
                    }
                    assertThat(responder.errors()).isEmpty();
                }
                assertThat(executed.received())
                        .containsExactlyElementsOf(
                                LongStream.rangeClosed(1, requests).boxed().toList());
                assertThat(client.pendingRequestCount()).isZero();
            }
        }
        LOG.info("{} requests that waited were answered within {} us of the reconnect", requests, tookUs);
        assertThat(Collections.min(tookUs)).isLessThan(TimeUnit.MILLISECONDS.toMicros(50));
    }

    @Test
    void callersThatBlockAreAnsweredWhenTheServerIsBack() {
        int callers = 8;
        Numbers executed = new Numbers();
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole))) {
            die(sole, 0);
            List<CompletableFuture<byte[]>> replies = LongStream.rangeClosed(1, callers)
                    .mapToObj(number -> clients.track(CompletableFuture.supplyAsync(
                            () -> client.request("f.ask", Numbers.payload(number), OPTIONS)
                                    .payload(),
                            task -> new Thread(task, "caller-" + number).start())))
                    .toList();
            Eventually.eventually("all to wait", () -> client.pendingRequestCount() == callers);

            sole.comeBack();
            try (RawNats responder = Peers.responder(sole.server, "f.ask", executed)) {
                sole.openWay();

                for (int i = 0; i < callers; i++) {
                    assertThat(replies.get(i).join()).isEqualTo(Numbers.payload(i + 1));
                }
                assertThat(responder.isClosed()).isFalse();
            }
            assertThat(executed.count()).isEqualTo(callers);
        }
    }

    @Test
    void oneTooManyIsRefusedAndThoseThatWaitAreKept() {
        int limit = 10;
        Numbers executed = new Numbers();
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole).requestBufferSize(limit))) {
            die(sole, 0);
            List<CompletableFuture<NatsMessage>> kept = askAll(client, 1, limit);

            assertFails(
                    ask(client, 99, OPTIONS), NatsStatus.INSUFFICIENT_BUFFER, "request buffer full: 10 of 10 requests");
            assertThatThrownBy(() -> client.request("f.ask", Numbers.payload(99), TIMEOUT))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER))
                    .hasMessageContaining("raise requestBufferSize or wait");

            comeBackAndAssertExecuted(sole, executed, kept);
        }
    }

    @Test
    void oneByteTooManyIsRefusedAndThoseThatWaitAreKept() {
        Numbers executed = new Numbers();
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole).requestBufferMaxBytes(1_000))) {
            die(sole, 0);
            List<CompletableFuture<NatsMessage>> kept = askAll(client, 1, 9);

            CompletableFuture<NatsMessage> refused =
                    clients.track(client.requestAsync("f.ask", new byte[1_000], OPTIONS));
            assertFails(refused, NatsStatus.INSUFFICIENT_BUFFER, "9 of 1000 requests");
            assertFails(refused, NatsStatus.INSUFFICIENT_BUFFER, "raise requestBufferMaxBytes or wait");

            comeBackAndAssertExecuted(sole, executed, kept);
        }
    }

    private static void comeBackAndAssertExecuted(
            SoleServer sole, Numbers executed, List<CompletableFuture<NatsMessage>> kept) {
        sole.comeBack();
        try (RawNats responder = Peers.responder(sole.server, "f.ask", executed)) {
            sole.openWay();
            for (CompletableFuture<NatsMessage> reply : kept) {
                assertThat(reply).succeedsWithin(TIMEOUT);
            }
            responder.ping();
        }
        assertThat(executed.received())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, kept.size()).boxed().toList());
    }

    @Test
    void exactlyThoseExpireWhoseDeadlineHasPassed() {
        int requests = 200;
        AtomicLongArray lateNs = new AtomicLongArray(requests / 2);
        Numbers executed = new Numbers();
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole))) {
            die(sole, 0);
            List<CompletableFuture<NatsMessage>> expiring = new ArrayList<>();
            List<CompletableFuture<NatsMessage>> lasting = new ArrayList<>();
            for (int i = 0; i < requests / 2; i++) {
                int index = i;
                Duration timeout = Duration.ofMillis(200 + i);
                long deadlineNs = System.nanoTime() + timeout.toNanos();
                CompletableFuture<NatsMessage> expires = ask(client, -1, RequestOptions.timeout(timeout));
                expiring.add(clients.track(
                        expires.whenComplete((reply, failure) -> lateNs.set(index, System.nanoTime() - deadlineNs))));
                lasting.add(ask(client, i + 1, OPTIONS));
            }

            for (CompletableFuture<NatsMessage> expires : expiring) {
                assertFails(expires, NatsStatus.TIMEOUT, "the request was never sent");
            }
            assertThat(client.pendingRequestCount()).isEqualTo(requests / 2);
            assertThat(client.clearExpiredRequests()).isZero();
            assertThat(lasting).noneMatch(CompletableFuture::isDone);

            comeBackAndAssertExecuted(sole, executed, lasting);
        }
        long worstUs = TimeUnit.NANOSECONDS.toMicros(LongStream.range(0, lateNs.length())
                .map(i -> lateNs.get((int) i))
                .max()
                .orElseThrow());
        long meanUs = TimeUnit.NANOSECONDS.toMicros((long) LongStream.range(0, lateNs.length())
                .map(i -> lateNs.get((int) i))
                .average()
                .orElseThrow());
        LOG.info("requests that waited expired {} us late on average, {} us at worst", meanUs, worstUs);
        assertThat(LongStream.range(0, lateNs.length()).map(i -> lateNs.get((int) i)))
                .allSatisfy(late -> assertThat(late).isBetween(0L, TimeUnit.MILLISECONDS.toNanos(250)));
    }

    @Test
    void theEndOfTheClientEndsThoseThatWait() {
        try (SoleServer sole = new SoleServer()) {
            NatsClient client = clients.connect(options(sole));
            die(sole, 0);
            List<CompletableFuture<NatsMessage>> replies = askAll(client, 1, 10);

            client.close();

            for (CompletableFuture<NatsMessage> reply : replies) {
                assertFails(reply, NatsStatus.CONNECTION_CLOSED, "the request was never sent");
            }
            assertThat(client.pendingRequestCount()).isZero();
        }
    }

    @Test
    void aCancelledRequestIsNeverSent() {
        Numbers executed = new Numbers();
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole))) {
            die(sole, 0);
            CompletableFuture<NatsMessage> kept = ask(client, 1, OPTIONS);
            CompletableFuture<NatsMessage> cancelled = ask(client, 2, OPTIONS);

            assertThat(cancelled.cancel(false)).isTrue();

            assertThat(client.pendingRequestCount()).isEqualTo(1);
            comeBackAndAssertExecuted(sole, executed, List.of(kept));
        }
    }

    @Test
    void withoutARequestBufferARequestFailsAtOnceWhileThereIsNoConnection() {
        try (SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole).requestBufferSize(0))) {
            die(sole, 0);

            assertFails(ask(client, 1, OPTIONS), NatsStatus.ILLEGAL_STATE, "raise requestBufferSize above 0");
            client.publish("f.other", new byte[0]); // What is published waits all the same.
        }
    }

    @Test
    void inLameDuckModeNoCallerWaitsForRoomOnTheNextConnection() {
        Numbers executed = new Numbers();
        List<CompletableFuture<NatsMessage>> replies = new ArrayList<>();
        long longestNs = 0;
        try (Scenario scenario = new Scenario(clients, 3);
                RawNats responder = Peers.responder(scenario.cluster.server(2), "f.ask", executed)) {
            NatsClient client =
                    scenario.connect(scenario.options().connectTimeout(TIMEOUT).outboundBufferBytes(1 << 20));
            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            scenario.cluster.server(1).pause();
            try {
                while (client.pendingRequestCount() < 10) {
                    assertThat(client.isInLameDuckMode()).isTrue();
                    byte[] large = String.format("%065536d", replies.size() + 1).getBytes(US_ASCII);
                    long beganNs = System.nanoTime();
                    replies.add(clients.track(client.requestAsync("f.ask", large, OPTIONS)));
                    longestNs = Math.max(longestNs, System.nanoTime() - beganNs);
                }
            } finally {
                scenario.cluster.server(1).resume();
            }

            for (CompletableFuture<NatsMessage> reply : replies) {
                assertThat(reply).succeedsWithin(TIMEOUT);
            }
            responder.ping();
            assertThat(executed.received())
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, replies.size()).boxed().toList());
            assertThat(Duration.ofNanos(longestNs)).isLessThan(Duration.ofSeconds(1));
        }
    }

    @Test
    void whatIsLoggedIsTrueAndInOrder() {
        Numbers executed = new Numbers();
        try (ClientLog log = ClientLog.open();
                SoleServer sole = new SoleServer();
                NatsClient client = clients.connect(options(sole))) {
            die(sole, 0);
            List<CompletableFuture<NatsMessage>> replies = askAll(client, 1, 2);
            comeBackAndAssertExecuted(sole, executed, replies);
            Eventually.eventually(
                    "the end of the period",
                    () -> log.lines().contains("INFO Background request processing thread terminated"));

            assertThat(log.lines().stream().map(line -> line.replaceFirst("latency=\\d+ms", "latency=<n>ms")))
                    .containsSubsequence(
                            "INFO Started background request processing thread",
                            "INFO Request buffered: topic=f.ask, timeout=20000ms, queue_size=1",
                            "INFO Request buffered: topic=f.ask, timeout=20000ms, queue_size=2",
                            "INFO Primary connection reconnected to: " + sole.url(),
                            "INFO Background: Processing buffered requests...",
                            "INFO Processing 2 buffered requests via recovered primary connection",
                            "INFO Buffered request completed: topic=f.ask, latency=<n>ms",
                            "INFO Buffered request completed: topic=f.ask, latency=<n>ms",
                            "INFO === REQUEST BUFFERING COMPLETE ===",
                            "INFO All buffered requests processed successfully",
                            "INFO Background request processing thread terminated");
        }
    }

    private static void assertFails(CompletableFuture<NatsMessage> reply, NatsStatus status, String message) {
        assertThat(reply)
                .failsWithin(TIMEOUT)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(status))
                .withMessageContaining(message);
    }
}
