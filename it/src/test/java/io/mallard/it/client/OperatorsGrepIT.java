package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The searches that operators make in the log of a client (CONTRACT S107) give true answers: two servers are left in peace,
 * and the third one goes when there is no other.
 */
@NoLeaks
class OperatorsGrepIT {
    @RegisterExtension
    final Clients clients = new Clients();

    @TempDir
    private Path logs;

    @Test
    void whatIsFoundInTheLogIsWhatTheLedgersSay() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3);
                ClientLog log = ClientLog.open()) {
            Publisher up = scenario.history.publisher("client");
            Receiver judge = scenario.history.receiver("judge", up);
            Requests requests = scenario.history.requests("requests");
            RawNats receiver = scenario.receive(2, "o.up", judge);
            RawNats responder = scenario.respond(2, "o.echo", requests);
            NatsClient client = scenario.connect();
            Load publishes = scenario.publish(client, "o.up", up, 500);
            Load asks = scenario.request(client, "o.echo", requests, 2, 200);
            asks.awaitMore(50);

            HandoverReport first = scenario.leave(0, client);
            asks.awaitMore(50);
            Eventually.eventually("the next standby", client::isHotSwapAvailable);
            HandoverReport second = scenario.leave(1, client);
            asks.awaitMore(50);
            scenario.finish(asks);
            scenario.finish(publishes, judge);
            scenario.history.assertExact(Scenario.LATEST);
            receiver.close();
            responder.close();
            awaitExit(scenario, 0);
            awaitExit(scenario, 1);
            CompletableFuture<NatsMessage> waiting = leaveNothing(scenario, client);
            scenario.cluster.restart(0);
            waiting.get(10, TimeUnit.SECONDS);
            HandoverReport third = scenario.events.awaitReport(2);

            assertThat(List.of(first.isWithoutLoss(), second.isWithoutLoss(), third.isWithoutLoss()))
                    .as("two clean ones and the failure")
                    .containsExactly(true, true, false);
            write(log);
            assertThat(find("grep \"Zero downtime active\" LOGS | tail -20")).hasSize(2);
            assertThat(find("grep -E \"Hot-swap client (created|failed)\" LOGS | awk '/created/{s++} /failed/{f++}"
                            + " END{print \"Success rate:\", s/(s+f)*100\"%\"}'"))
                    .containsExactly("Success rate: 66.6667%");
            assertThat(client.hotSwapSuccessRate()).isEqualTo(2.0 / 3);
            assertThat(find("grep \"Falling back to request buffering\" LOGS | wc -l"))
                    .containsExactly("1");
            assertThat(find("grep \"Zero message loss achieved\" LOGS | tail -10"))
                    .hasSize(2);
            assertThat(client.zeroDowntimeAchievements()).isEqualTo(2);
            assertThat(find("grep \"Hot-swap performance metrics\" LOGS | tail -5"))
                    .hasSize(2);
            assertThat(find("grep -E \"ERROR.*hot-swap|Failed to create hot-swap\" LOGS"))
                    .hasSize(1);
            assertThat(client.metrics().hotSwapFailures()).isEqualTo(1);
        }
    }

    /**
     * The only server that is left goes lame and evicts the client; a request is made that nobody can take. The client
     * will answer it itself: it is there as soon as it is.
     */
    private static CompletableFuture<NatsMessage> leaveNothing(Scenario scenario, NatsClient client) {
        client.subscribe("o.self", message -> message.respond(message.payload()));
        scenario.lameDuck(2);
        Eventually.eventually("the eviction", () -> client.connectedUrl().isEmpty());
        return client.requestAsync("o.self", new byte[0], Duration.ofSeconds(20));
    }

    private static void awaitExit(Scenario scenario, int node) {
        scenario.cluster.server(node).awaitExit(Scenario.TIMEOUT);
    }

    /** As a log file has them. */
    private void write(ClientLog log) throws IOException {
        Files.write(logs.resolve("client.log"), log.lines(), UTF_8);
    }

    /** What the operator's command line prints. */
    private List<String> find(String command) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("bash", "-c", command.replace("LOGS", logs + "/*.log"))
                .redirectErrorStream(true)
                .start();
        List<String> lines =
                new String(shell.getInputStream().readAllBytes(), UTF_8).lines().toList();
        assertThat(shell.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return lines;
    }
}
