package io.mallard.it.client;

import static io.mallard.it.support.Certificates.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.Clients;
import io.mallard.it.support.Fault;
import io.mallard.it.support.FaultCounts;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.TcpProxy;
import io.mallard.it.support.TcpProxy.Direction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The faults of a way below encryption: a record in pieces is a record, and one with a flipped bit is none. */
@NoLeaks
class TlsFaultIT {
    private static final int MESSAGES = 300;
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

    private FaultScene scene() throws Exception {
        return new FaultScene(
                clients,
                NatsServerConfig.builder().tls(certificates.server("server").withPlainAllowed()));
    }

    private static NatsOptions.Builder encrypted(NatsOptions.Builder options) throws Exception {
        return options.tlsTrustStore(certificates.trust("ca"), PASSWORD);
    }

    /** Of the client's connections, by the server's own account. */
    private static List<String> tlsVersions(NatsServer server) {
        return FaultScene.connections(server, "open")
                .map(connection -> connection.path("tls_version").asText())
                .toList();
    }

    @Test
    void recordsThatComeByteByByteLoseRepeatAndReorderNothingInALameDuckHandover() throws Exception {
        try (FaultScene scene = scene()) {
            scene.injectEverywhere(new Fault.SingleBytes());
            NatsClient client = scene.scenario.connect(encrypted(scene.patient()));
            assertThat(tlsVersions(scene.scenario.cluster.server(0))).containsExactly("1.3");
            Traffic traffic = scene.traffic(client);
            traffic.awaitMore(MESSAGES);
            long before = scene.happened(FaultCounts::singleBytes);

            HandoverReport report =
                    scene.scenario.leave(0, client, scene.ways.get(0).url());

            traffic.awaitMore(MESSAGES);
            traffic.finish();
            scene.scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(before).as("the fault, handshakes included").isPositive();
            assertThat(scene.happened(FaultCounts::singleBytes)).isGreaterThan(before);
            assertThat(tlsVersions(scene.scenario.cluster.server(1))).containsExactly("1.3");
            scene.killLame(0);
        }
    }

    /** Unlike on plain TCP nothing that was changed is ever taken for a message: all that is lost is in doubt. */
    @ParameterizedTest
    @EnumSource
    void aFlippedBitEndsTheConnectionAndCostsNoMoreThanWhatIsInDoubt(Direction direction) throws Exception {
        try (FaultScene scene = scene()) {
            TcpProxy way = scene.ways.get(0);
            NatsClient client = scene.scenario.connect(encrypted(scene.impatient()));
            Traffic traffic = scene.traffic(client);
            traffic.awaitMore(MESSAGES);

            scene.scenario.history.event("corruption");
            long brokenNs = System.nanoTime();
            way.inject(direction, new Fault.Corrupt(2_000));

            Event lost = scene.scenario.events.await(Kind.DISCONNECTED);
            Event back = scene.scenario.events.await(Kind.RECONNECTED);
            long healthyNs = traffic.awaitHealthNs();
            traffic.awaitMore(MESSAGES);
            traffic.finish();
            assertThat(way.counts().bytesCorrupted()).as("the fault").isPositive();
            assertThat(lost.url()).isEqualTo(way.url());
            assertThat(back.url()).isEqualTo(scene.ways.get(1).url());
            traffic.out.mayLose(lost.inDoubt());
            traffic.in.mayLoseBetween(brokenNs - WIDEST.toNanos(), healthyNs);
            traffic.requests.mayFailBetween(brokenNs - TimedLoads.DEADLINE.toNanos(), healthyNs);
            scene.scenario.history.assertExact(Scenario.LATEST);
            if (direction == Direction.BACK) {
                assertThat(lost.cause()).hasStackTraceContaining(SSLException.class.getSimpleName());
            } else {
                assertThat(FaultScene.connections(scene.scenario.cluster.server(0), "closed")
                                .map(connection -> connection.path("reason").asText()))
                        .as("what the server says, whose record it was")
                        .anyMatch(reason -> reason.contains("TLS") || reason.contains("Read Error"));
            }
        }
    }
}
