package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Promtool;
import io.mallard.it.support.RawNats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A night on which everything goes wrong: what was lost, refused and late is told by the page that is scraped, the Flight Recorder, the
 * ledger and the log with the numbers that the test has counted itself, and the alerts fire on that very page.
 */
@NoLeaks
class LossFiguresIT {
    private static final Path RULES = Path.of("../core/src/main/ops/prometheus/mallard-alerts.yml");
    private static final Pattern ALERT = Pattern.compile(
            "(?s)- alert: (\\w+)\\n.*?severity: (\\w+)\\n.*?summary: ([^\\n]*)\\n" + ".*?runbook: ([^\\n]*)");
    private static final int PENDING = 10;
    private static final int MAY_WAIT = 5;
    private static final byte[] LARGE = new byte[10_000];
    private static final Duration LONG = Duration.ofSeconds(20);

    @RegisterExtension
    final Clients clients = new Clients();

    @TempDir
    Path directory;

    private final Events events = new Events();
    private final Numbers received = new Numbers();

    /** What the test has seen itself. */
    private record Count(
            int dropped,
            int unheard,
            int published,
            int refusedPublishes,
            int refused,
            int expired,
            int answered,
            long awayNs) {}

    @Test
    void everybodyTellsOfTheSameLosses() throws Exception {
        try (SoleServer sole = new SoleServer();
                Scrape scrape = new Scrape();
                ClientLog log = ClientLog.open();
                Recording recording = new Recording()) {
            recording.start();
            sole.openWay();
            try (NatsClient client = clients.connect(NatsOptions.builder()
                    .servers(sole.url())
                    .ignoreDiscoveredServers(true)
                    .listener(events)
                    .maxPendingMessages(PENDING)
                    .requestBufferSize(MAY_WAIT)
                    .reconnectBufferSize(50_000)
                    .reconnectFirstDelay(Duration.ofMillis(50))
                    .reconnectMaxDelay(Duration.ofMillis(50)))) {
                scrape.bind(client);
                Count count = play(sole, client);
                HandoverReport ledger = events.awaitReport(0);
                recording.stop();
                Path file = directory.resolve("night.jfr");
                recording.dump(file);

                Map<String, Double> page = scrape.values();
                assertPage(count, ledger, page);
                assertRecorded(count, ledger, RecordingFile.readAllEvents(file));
                assertLogged(count, ledger, log.lines());
                assertAlerted(page);
            }
        }
    }

    private Count play(SoleServer sole, NatsClient client) throws Exception {
        int dropped = beSlow(sole, client);
        int unheard = 3;
        for (int i = 0; i < unheard; i++) {
            assertThat(failure(clients.track(client.requestAsync("nobody", LARGE, LONG))))
                    .isEqualTo(NatsStatus.NO_RESPONDERS);
        }

        int published = 40;
        long lostNs;
        try (RawNats witness = Peers.receiver(sole.server, "up", received)) {
            publish(client, 1, published / 2);
            client.flush(LONG);
            witness.ping();
            Eventually.eventually("the first half", () -> received.count() == published / 2);
            sole.server.lameDuck();
            Eventually.eventually("the news", client::isInLameDuckMode);
            long sent = client.metrics().messagesSent();
            sole.server.pause();
            publish(client, published / 2 + 1, published);
            Eventually.eventually("them in the socket", () -> client.metrics().messagesSent() == sent + published / 2);
            lostNs = System.nanoTime();
            sole.die();
            Eventually.eventually("the loss", () -> client.connectedUrl().isEmpty());
        }

        List<CompletableFuture<NatsMessage>> late = ask(client, 2, Duration.ofMillis(1_500));
        List<CompletableFuture<NatsMessage>> patient = ask(client, MAY_WAIT - 2, LONG);
        List<CompletableFuture<NatsMessage>> refused = ask(client, 2, LONG);
        refused.forEach(request -> assertThat(failure(request)).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER));
        late.forEach(request -> assertThat(failure(request)).isEqualTo(NatsStatus.TIMEOUT));
        int refusedPublishes = (int) IntStream.range(0, 10)
                .filter(i -> client.tryPublish("other", LARGE) == NatsStatus.INSUFFICIENT_BUFFER)
                .count();

        sole.comeBack();
        try (RawNats responder = Peers.responder(sole.server, "ask")) {
            sole.openWay();
            for (CompletableFuture<NatsMessage> request : patient) {
                request.get(10, TimeUnit.SECONDS);
            }
            assertThat(responder.isClosed()).isFalse();
        }
        return new Count(
                dropped,
                unheard,
                published,
                refusedPublishes,
                refused.size(),
                late.size(),
                patient.size(),
                System.nanoTime() - lostNs);
    }

    /** Returns how many messages a slow handler has not seen. */
    private static int beSlow(SoleServer sole, NatsClient client) throws Exception {
        int messages = 100;
        AtomicInteger handled = new AtomicInteger();
        CountDownLatch goOn = new CountDownLatch(1);
        Subscription slow = client.subscribe("slow", message -> {
            if (!goOn.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody has let it go on");
            }
            handled.incrementAndGet();
        });
        client.flush(LONG);
        try (RawNats peer = RawNats.connect(sole.server.url(), message -> {})) {
            for (int i = 0; i < messages; i++) {
                peer.publish("slow", new byte[1]);
            }
            peer.ping();
        }
        Eventually.eventually("all of them", () -> client.metrics().messagesReceived() == messages);
        goOn.countDown();
        slow.drain(LONG).get(10, TimeUnit.SECONDS);
        assertThat(handled).hasValueLessThan(messages);
        return messages - handled.get();
    }

    private static void publish(NatsClient client, int first, int last) {
        IntStream.rangeClosed(first, last).forEach(number -> client.publish("up", Numbers.payload(number)));
    }

    private List<CompletableFuture<NatsMessage>> ask(NatsClient client, int times, Duration timeout) {
        return IntStream.range(0, times)
                .mapToObj(i -> clients.track(client.requestAsync("ask", new byte[1], timeout)))
                .toList();
    }

    private static NatsStatus failure(CompletableFuture<NatsMessage> request) {
        return request.handle((reply, failure) -> failure instanceof NatsException why ? why.status() : NatsStatus.OK)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private void assertPage(Count count, HandoverReport ledger, Map<String, Double> page) {
        int lost = count.published - received.count();
        assertThat(lost).as("published to a server that was killed").isEqualTo(count.published / 2);
        assertThat(count.refusedPublishes)
                .as("10 of them are twice what may wait")
                .isBetween(5, 9);
        assertThat(page)
                .containsEntry("mallard_messages_dropped_total", (double) count.dropped)
                .containsEntry("mallard_slow_consumers_total", 1.0)
                .containsEntry("mallard_publishes_refused_total", (double) count.refusedPublishes)
                .containsEntry("mallard_requests_answered_total", (double) count.answered)
                .containsEntry("mallard_requests_timed_out_total", (double) count.expired)
                .containsEntry("mallard_requests_failed_total", (double) (count.unheard + count.refused))
                .containsEntry("mallard_requests_buffered_total", (double) MAY_WAIT)
                .containsEntry("mallard_max_buffer_depth", (double) MAY_WAIT)
                .containsEntry("mallard_buffered_requests_answered_total", (double) count.answered)
                .containsEntry("mallard_buffered_requests_expired_total", (double) count.expired)
                .containsEntry("mallard_buffer_overflow_count_total", (double) count.refused)
                .containsEntry("mallard_fallbacks_total", 1.0)
                .containsEntry("mallard_lame_duck_events_total", 1.0)
                .containsEntry("mallard_hot_swap_attempts_total", 1.0)
                .containsEntry("mallard_hot_swap_failures_total", 1.0)
                .containsEntry("mallard_zero_downtime_achievements_total", 0.0)
                .containsEntry("mallard_zero_downtime_failures_total", 1.0)
                .containsEntry("mallard_handovers_total", 0.0)
                .containsEntry("mallard_reconnects_total", 1.0)
                .containsEntry("mallard_outage_seconds_count", 1.0)
                .containsEntry("mallard_recovery_seconds_count", 1.0)
                .containsEntry("mallard_publishes_in_doubt_total", (double) ledger.publishesInDoubt());
        // An upper bound: what was published a moment before may be among them.
        assertThat(ledger.publishesInDoubt()).isBetween((long) lost, (long) count.published);
        assertThat(page.get("mallard_outage_max_seconds")).isBetween(0.001, count.awayNs / 1e9);
        assertThat(page.get("mallard_buffer_wait_max_seconds")).isBetween(0.001, count.awayNs / 1e9);
        assertThat(page.get("mallard_max_buffer_bytes")).isPositive();
    }

    private static void assertRecorded(Count count, HandoverReport ledger, List<RecordedEvent> recorded) {
        assertThat(of("mallard.InDoubt", recorded))
                .singleElement()
                .satisfies(event -> assertThat(event.getLong("publishes")).isEqualTo(ledger.publishesInDoubt()));
        assertThat(of("mallard.SlowConsumer", recorded)).hasSize(1);
        assertThat(of("mallard.BufferedRequest", recorded))
                .hasSize(MAY_WAIT)
                .filteredOn(event -> event.getBoolean("sent"))
                .hasSize(count.answered);
        assertThat(of("mallard.Handover", recorded)).singleElement().satisfies(event -> {
            assertThat(event.getBoolean("withoutLoss")).isFalse();
            assertThat(event.getBoolean("subscriptionGap"))
                    .as("nobody subscribed to anything")
                    .isFalse();
            assertThat(event.getLong("publishesInDoubt")).isEqualTo(ledger.publishesInDoubt());
            assertThat(event.getLong("requestsTimedOut")).isEqualTo(count.expired);
            assertThat(event.getLong("requestsBuffered")).isEqualTo(MAY_WAIT);
            assertThat(event.getLong("requestsRefused")).isEqualTo(count.refused);
            assertThat(event.getLong("publishesRefused")).isEqualTo(count.refusedPublishes);
        });
    }

    private static List<RecordedEvent> of(String name, List<RecordedEvent> recorded) {
        return recorded.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    private static void assertLogged(Count count, HandoverReport ledger, List<String> lines) {
        assertThat(lines)
                .containsOnlyOnce("INFO " + ledger)
                .containsOnlyOnce("INFO Falling back to request buffering mode")
                .doesNotContain("INFO   - Zero message loss achieved");
        assertThat(lines)
                .filteredOn(line -> line.contains(ledger.publishesInDoubt() + " publishes in doubt"))
                .hasSize(1);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("WARN Buffered request timed out - topic: ask, "))
                .hasSize(count.expired);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("ERROR Failed to create hot-swap client: "))
                .hasSize(1);
    }

    /** What was scraped is played to Prometheus' own tool as it would have been seen, the client having been there for a while. */
    private void assertAlerted(Map<String, Double> page) throws IOException {
        StringBuilder test = new StringBuilder("""
                rule_files: [mallard-alerts.yml]
                evaluation_interval: 15s
                tests:
                  - interval: 15s
                    input_series:
                """);
        page.forEach((name, value) -> {
            if (!name.contains("{") && !value.isNaN()) {
                String played = name.endsWith("_total")
                        ? "0x39 " + value + "x40"
                        : name.equals("mallard_age_seconds") ? "100000+15x80" : value + "x80";
                test.append("      - series: '%s{client=\"orders\"}'\n        values: '%s'\n".formatted(name, played));
            }
        });
        test.append("    alert_rule_test:\n");
        List<String> firing = List.of(
                "MallardHotSwapFailureRate",
                "MallardZeroDowntimeFailure",
                "MallardBufferOverflow",
                "MallardHighBufferDepth",
                "MallardPublishesInDoubt",
                "MallardSlowConsumer",
                "MallardNoStandby");
        String rules = Files.readString(RULES);
        for (Matcher alert = ALERT.matcher(rules); alert.find(); ) {
            test.append("      - eval_time: 11m\n        alertname: %s\n        exp_alerts:%s\n"
                    .formatted(alert.group(1), firing.contains(alert.group(1)) ? expected(alert) : " []"));
        }
        Files.writeString(directory.resolve("mallard-alerts.yml"), rules);
        Path file = Files.writeString(directory.resolve("night.test.yml"), test);

        assertThat(Promtool.find().run("test", "rules", file.toString())).contains("SUCCESS");
    }

    private static String expected(Matcher alert) {
        return ("\n          - exp_labels: {client: orders, severity: %s}"
                        + "\n            exp_annotations: {summary: \"%s\", runbook: \"%s\"}")
                .formatted(alert.group(2), alert.group(3), alert.group(4));
    }
}
