package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the log says of a lame duck (CONTRACT J), line by line and in its order. */
@NoLeaks
class LameDuckLogIT {
    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void saysWhatACleanEpisodeWasAndNothingElse() {
        try (Scenario scenario = new Scenario(clients, 2);
                ClientLog log = ClientLog.open("orders");
                ClientLog standbys = ClientLog.open("orders_hotswap_1")) {
            Requests requests = scenario.history.requests("requests");
            scenario.respond(1, "l.echo", requests);
            NatsClient client = scenario.connect(scenario.options().loggerName("orders"));
            Load asks = scenario.request(client, "l.echo", requests, 1, 200);
            asks.awaitMore(50);

            HandoverReport report = scenario.leave(0, client);
            scenario.finish(asks);

            String from = scenario.cluster.urls().get(0);
            String to = scenario.cluster.urls().get(1);
            assertThat(matched(
                            log.lines("INFO", "WARN", "ERROR"),
                            List.of(
                                    "INFO Starting with the options(?s).*",
                                    "INFO Connected to: " + from,
                                    "INFO === LAME DUCK MODE DETECTED ===",
                                    "INFO Server: " + from,
                                    "INFO Creating hot-swap client for zero-downtime failover...",
                                    "INFO Hot-swap client created successfully \\([0-9]+\\.[0-9]ms\\)",
                                    "INFO Hot-swap client connected to: " + to,
                                    "INFO Zero downtime active - routing new operations to hot-swap client",
                                    "INFO Lame duck mode handling initiated - hot-swap active",
                                    "INFO Background: Starting primary connection cleanup...",
                                    "INFO Background: Draining primary connection subscriptions...",
                                    "INFO Background: Successfully initiated subscription drain",
                                    "INFO Background: Subscription drain completed successfully",
                                    "INFO Background: Flushing pending messages...",
                                    "INFO Background: Successfully flushed pending messages",
                                    "INFO Left " + from + ": everything sent to it is processed or has moved",
                                    "INFO Background: Initiating primary connection reconnection...",
                                    "INFO Primary connection reconnected to: " + to,
                                    "INFO Consolidating connections - primary connection recovered",
                                    "INFO Lame duck mode flag reset after successful hot-swap transition",
                                    "INFO === ZERO-DOWNTIME LAME DUCK HANDLING COMPLETE ===",
                                    "INFO Hot-swap performance metrics:",
                                    "INFO   - Creation time: [0-9]+\\.[0-9]ms",
                                    "INFO   - First request latency: -?[0-9]+\\.[0-9]ms additional overhead",
                                    "INFO   - Total requests via hot-swap: [1-9][0-9,]*",
                                    "INFO   - Average hot-swap latency: -?[0-9]+\\.[0-9]ms overhead",
                                    "INFO   - Zero message loss achieved",
                                    "INFO LAME_DUCK handover from " + from + " to " + to + ": .*")))
                    .isEmpty();
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(standbys.lines()).containsExactly("DEBUG Stands by: " + to, "DEBUG Takes over: " + to);
        }
    }

    /** As the document's own client without hot swap: lame until it is connected again, and not a hot swap that failed. */
    @Test
    void withoutHotSwapItIsLameUntilItIsConnectedAgain() throws Exception {
        try (Scenario scenario = new Scenario(clients, 2);
                ClientLog log = ClientLog.open("orders")) {
            NatsClient client =
                    scenario.connectSoon(scenario.options().loggerName("orders").hotSwapEnabled(false));
            client.subscribe("l.self", message -> message.respond(message.payload()));
            client.flush(Scenario.TIMEOUT);
            scenario.cluster.server(1).pause();

            scenario.lameDuck(0);
            scenario.events.await(Kind.DISCONNECTED);
            assertThat(client.isInLameDuckMode())
                    .as("evicted, and nowhere else")
                    .isTrue();
            CompletableFuture<NatsMessage> waiting = client.requestAsync("l.self", new byte[0], Duration.ofSeconds(20));
            scenario.cluster.server(1).resume();
            waiting.get(20, TimeUnit.SECONDS);
            HandoverReport report = scenario.events.awaitReport(0);

            assertThat(client.isInLameDuckMode()).isFalse();
            assertThat(report.isWithoutLoss()).as("%s", report).isFalse();
            assertThat(client.metrics().hotSwapAttempts()).isZero();
            String to = scenario.cluster.urls().get(1);
            assertThat(log.lines("INFO"))
                    .containsSubsequence(
                            "INFO === LAME DUCK MODE DETECTED ===",
                            "INFO Falling back to request buffering mode",
                            "INFO Lame duck mode flag set - buffering new operations",
                            "INFO Primary connection reconnected to: " + to,
                            "INFO Lame duck mode flag reset after successful reconnection",
                            "INFO === LAME DUCK MODE HANDLING COMPLETE ===")
                    .doesNotContain("INFO   - Zero message loss achieved");
            assertThat(log.lines("ERROR")).isEmpty();
        }
    }

    /** Nobody asked for anything meanwhile, so nothing was buffered. */
    @Test
    void saysNothingOfBuffersThatNothingWaitsIn() {
        try (Scenario scenario = new Scenario(clients, 2);
                ClientLog log = ClientLog.open("orders")) {
            scenario.cluster.server(1).pause();
            NatsClient client = scenario.connectSoon(
                    scenario.options().servers(scenario.cluster.urls().get(0)).loggerName("orders"));

            scenario.lameDuck(0);
            scenario.events.await(Kind.DISCONNECTED);
            scenario.cluster.server(1).resume();
            scenario.events.await(Kind.RECONNECTED);
            scenario.events.awaitReport(0);

            assertThat(client.metrics().hotSwapFailures()).isEqualTo(1);
            assertThat(log.lines("ERROR")).hasSize(2).allMatch(line -> line.contains("ot-swap client"));
            assertThat(log.lines()).noneMatch(line -> line.contains("buffering"));
        }
    }

    /** What differs, line by line; empty if nothing does. */
    private static List<String> matched(List<String> lines, List<String> patterns) {
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < Math.max(lines.size(), patterns.size()); i++) {
            String line = i < lines.size() ? lines.get(i) : "nothing";
            String pattern = i < patterns.size() ? patterns.get(i) : "nothing";
            if (!line.matches(pattern)) {
                differences.add("line " + i + " is: " + line + "; wanted: " + pattern);
            }
        }
        return differences;
    }
}
