package io.mallard.it.settle;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.DeliveryLedger.SocketRecord;
import io.mallard.it.judge.JudgeSocket;
import io.mallard.it.judge.NumberedMessage;
import io.mallard.it.support.NatsCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A raw socket on every server that receives the messages of all publishers.
 *
 * <p>Threading: used by one thread; the ledgers are written by the sockets' reader threads.
 */
final class Receivers implements AutoCloseable {
    private final NatsCluster cluster;
    private final List<JudgeSocket> sockets = new ArrayList<>();

    /** @param ledgers one per publisher */
    Receivers(NatsCluster cluster, List<DeliveryLedger> ledgers, Consumer<String> trouble) {
        this.cluster = cluster;
        for (int node = 0; node < cluster.size(); node++) {
            int receiver = node;
            List<SocketRecord> records =
                    ledgers.stream().map(ledger -> ledger.openSocket(receiver)).toList();
            JudgeSocket socket = new JudgeSocket(
                    "receiver " + node,
                    cluster.server(node).url(),
                    (connection, received) -> {
                        NumberedMessage message = NumberedMessage.from(received.payload());
                        records.get(message.publisher()).received(MovingPublisher.PUBLISHER, message.sequence());
                    },
                    trouble);
            sockets.add(socket);
            socket.subscribe(MovingPublisher.SUBJECT_PREFIX + ">", null);
        }
    }

    /** Returns when every server sends to every receiver. */
    void awaitInterest() throws InterruptedException {
        for (JudgeSocket socket : sockets) {
            socket.awaitInterest(cluster.urls());
        }
    }

    @Override
    public void close() {
        sockets.forEach(JudgeSocket::abandon);
    }
}
