package io.mallard.it.client;

import static io.mallard.it.support.Certificates.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Leaving and losing a server cost no more between encrypted connections; the raw sockets that judge it are plain. */
@NoLeaks
class TlsHandoverIT {
    private static final String CLIENT = "the duck";
    private static final int RATE = 4_000;
    /** Ten times what may be in doubt, for a machine that has other things to do. */
    private static final Duration WIDEST = Duration.ofSeconds(1);

    @TempDir
    static Path directory;

    private static Certificates certificates;

    @RegisterExtension
    final Clients clients = new Clients();

    @BeforeAll
    static void makeCertificates() {
        certificates = new Certificates(directory).authority("ca").issue("server", "ca", "ip:127.0.0.1");
    }

    private Scenario scenario() throws Exception {
        return new Scenario(
                clients,
                NatsCluster.start(
                        3,
                        NatsServerConfig.builder()
                                .lameDuckGrace(Scenario.GRACE)
                                .tls(certificates.server("server").withPlainAllowed())
                                .build()));
    }

    private static NatsOptions.Builder options(Scenario scenario) throws Exception {
        return scenario.options().name(CLIENT).tlsTrustStore(certificates.trust("ca"), PASSWORD);
    }

    /** Of each connection the client has there. */
    private static List<String> tlsVersions(Scenario scenario, int node) {
        JsonNode connections =
                scenario.cluster.server(node).monitoring("/connz").path("connections");
        return StreamSupport.stream(connections.spliterator(), false)
                .filter(connection -> connection.path("name").asText().equals(CLIENT))
                .map(connection -> connection.path("tls_version").asText())
                .toList();
    }

    @Test
    void nothingIsLostRepeatedOrOutOfOrder() throws Exception {
        try (Scenario scenario = scenario()) {
            Publisher out = scenario.history.publisher("client");
            Publisher in = scenario.history.publisher("far");
            Receiver far = scenario.history.receiver("node 2", out);
            Receiver own = scenario.history.receiver("client", in);
            Requests requests = scenario.history.requests("requests");
            scenario.receive(2, "out", far);
            scenario.respond(2, "r", requests);
            NatsClient client = scenario.connect(options(scenario));
            assertThat(tlsVersions(scenario, 0)).as("the carrier").containsExactly("1.3");
            assertThat(tlsVersions(scenario, 1)).as("the standby").containsExactly("1.3");
            client.subscribe("in", scenario.to(own));
            RawNats farSocket = scenario.socket(2, message -> {});
            scenario.awaitInterest(farSocket, "in", 1);
            Load published = scenario.publish(client, "out", out, 2_000);
            Load received = scenario.publish(farSocket, "in", in, 2_000);
            Load asked = scenario.request(client, "r", requests, 4, 500);
            asked.awaitMore(200);

            HandoverReport report = scenario.leave(0, client);

            asked.awaitMore(200);
            scenario.finish(asked);
            scenario.finish(published, far);
            scenario.finish(received, own);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(client.metrics().publishesInDoubt()).isZero();
            assertThat(tlsVersions(scenario, 1)).as("the new carrier").containsExactly("1.3");
        }
    }

    @Test
    void aKilledServerTakesNoMorePublishesAlongThanAreReported() throws Exception {
        DoubtJudge judge = new DoubtJudge();
        Numbers received = new Numbers();
        try (Scenario scenario = scenario()) {
            RawNats receiver = scenario.socket(2, message -> received.add(message.payload()));
            receiver.subscribe("k", 1);
            receiver.ping();
            NatsClient client = scenario.connect(options(scenario));
            try (Load load = Load.start(2, RATE, number -> {
                client.publish("k", Numbers.payload(number));
                judge.accepted(number, System.nanoTime());
            })) {
                Eventually.eventually("a second of load to arrive", () -> received.count() > RATE);

                long killedNs = System.nanoTime();
                scenario.cluster.kill(0);
                long inDoubt = scenario.events.await(Kind.DISCONNECTED).inDoubt();
                scenario.events.await(Kind.RECONNECTED);
                load.awaitMore(1_000);
                long published = load.stop();
                client.flush(Scenario.TIMEOUT);
                Eventually.eventually("the last publish", () -> received.has(published));

                assertThat(load.failures()).isEmpty();
                assertThat(judge.findings(received, inDoubt, killedNs - WIDEST.toNanos(), killedNs))
                        .isEmpty();
                assertThat(received.duplicates()).isZero();
                assertThat(tlsVersions(scenario, 1)).containsExactly("1.3");
            }
        }
    }
}
