package io.mallard.it.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** The client under test is a raw socket here, which stays where it is. */
@NoLeaks
class SendersIT {
    private static final int NODES = 3;
    private static final int LEAVING = 0;
    private static final int STAYING = 1;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final DeliveryLedger ledger = new DeliveryLedger(NODES, 1);
    private final Queue<Long> delaysNs = new ConcurrentLinkedQueue<>();

    @Test
    void losesNothingOfItsOwnWhileANodeGoesAndComesBack() throws Exception {
        try (NatsCluster cluster = NatsCluster.start(NODES);
                Senders senders = new Senders(cluster, ledger, delaysNs::add);
                RawNats client = client(cluster, senders)) {
            senders.takeSeats();
            send(senders, 300);
            assertThat(sentFrom(LEAVING)).isEqualTo(100);

            cluster.lameDuck(LEAVING);
            send(senders, 300);
            senders.leave(LEAVING);
            send(senders, 300);
            cluster.server(LEAVING).awaitExit(TIMEOUT);
            send(senders, 300);
            assertThat(sentFrom(LEAVING))
                    .as("sent on the node while it went, and not behind that")
                    .isEqualTo(200);
            assertThat(sentFrom(STAYING)).as("with its share of the node's").isEqualTo(500);

            cluster.restart(LEAVING);
            senders.comeHome(LEAVING);
            send(senders, 300);
            assertThat(sentFrom(LEAVING)).isEqualTo(300);

            ledger.awaitSeen(ledger.origin(), ledger.position(), TIMEOUT);
            assertThat(findings()).isEqualTo(new Findings(1500, 0, 0, 0, 0));
            assertThat(delaysNs).hasSize(1500).allMatch(delayNs -> delayNs >= 0);
            assertThat(senders.troubles()).isEmpty();
            assertThat(client.errors()).isEmpty();
        }
    }

    @Test
    void findsWhatTheClientRepeatsReversesAndLoses() {
        try (NatsCluster cluster = NatsCluster.start(2);
                Senders senders = new Senders(cluster, ledger, delaysNs::add)) {
            for (int sequence = 0; sequence < 4; sequence++) {
                ledger.offered(STAYING, sequence);
            }
            for (int sequence : new int[] {0, 2, 1, 2}) {
                NumberedMessage message = new NumberedMessage(STAYING, sequence, System.nanoTime());
                senders.onMessage("receive.1", message.toBytes());
            }

            assertThat(findings()).isEqualTo(new Findings(4, 0, 1, 1, 1));
            assertThat(senders.troubles()).isEmpty();
        }
    }

    @Test
    void admitsThatItLostASocketAndGoesOnWithTheOthers() throws Exception {
        try (NatsCluster cluster = NatsCluster.start(NODES);
                Senders senders = new Senders(cluster, ledger, delaysNs::add);
                RawNats client = client(cluster, senders)) {
            senders.takeSeats();
            cluster.kill(LEAVING);
            await().atMost(TIMEOUT).until(() -> !senders.troubles().isEmpty());
            assertThat(senders.troubles().get(0)).startsWith("sender 0");

            // Its socket may swallow one before it fails.
            send(senders, 300);

            assertThat(sentFrom(LEAVING)).isLessThanOrEqualTo(2);
            assertThat(sentFrom(STAYING)).isGreaterThanOrEqualTo(149);
            assertThat(client.errors()).isEmpty();
        }
    }

    @Test
    void wondersAboutAMessageNobodySent() {
        try (NatsCluster cluster = NatsCluster.start(2);
                Senders senders = new Senders(cluster, ledger, delaysNs::add)) {
            senders.onMessage("receive.1", new byte[3]);

            assertThat(senders.troubles()).singleElement().asString().contains("a message nobody sent, on receive.1");
        }
    }

    private static RawNats client(NatsCluster cluster, Senders senders) {
        RawNats client = RawNats.connect(
                cluster.server(STAYING).url(), message -> senders.onMessage(message.subject(), message.payload()));
        client.subscribe(Senders.SUBJECTS, 1);
        client.ping();
        return client;
    }

    private static void send(Senders senders, int messages) {
        for (int i = 0; i < messages; i++) {
            assertThat(senders.send()).isTrue();
        }
    }

    private int sentFrom(int node) {
        return ledger.position().nextSequences().get(node);
    }

    private Findings findings() {
        return ledger.between(ledger.origin(), ledger.position());
    }
}
