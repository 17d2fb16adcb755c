package io.mallard.it.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

@NoLeaks
class JudgeIT {
    private static final int NODES = 3;
    private static final int LEAVING = 0;
    private static final int STAYING = 1;
    private static final int PUBLISHING = 2;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final DeliveryLedger deliveries = new DeliveryLedger(1, NODES);
    private final ExecutionLedger executions = new ExecutionLedger();

    @Test
    void missesAndRepeatsNothingWhileItMoves() throws Exception {
        try (NatsCluster cluster = NatsCluster.start(NODES);
                Judge judge = judge(cluster)) {
            judge.takeSeats();
            try (Traffic traffic = new Traffic(cluster.server(PUBLISHING).url())) {
                traffic.awaitMore(500);
                judge.reachOut(LEAVING, cluster.server(STAYING).url());
                cluster.lameDuck(LEAVING);
                await().atMost(TIMEOUT).until(judge::mayStep);
                judge.step(LEAVING);
                cluster.server(LEAVING).awaitExit(TIMEOUT);
                cluster.restart(LEAVING);
                judge.moveHome(LEAVING);
                traffic.awaitMore(500);
            }
            deliveries.awaitSeen(deliveries.origin(), deliveries.position(), TIMEOUT);

            Findings findings = deliveries.between(deliveries.origin(), deliveries.position());
            assertThat(findings).isEqualTo(new Findings(findings.published(), 0, 0, 0, 0));
            assertThat(executions.repeated()).isZero();
            assertThat(judge.troubles()).isEmpty();
        }
    }

    @Test
    void answersEveryRequestWhileItMoves() throws Exception {
        AtomicInteger answers = new AtomicInteger();
        try (NatsCluster cluster = NatsCluster.start(NODES);
                Judge judge = judge(cluster);
                RawNats requester =
                        RawNats.connect(cluster.server(PUBLISHING).url(), message -> answers.incrementAndGet())) {
            judge.takeSeats();
            requester.subscribe("reply", 1);
            judge.reachOut(LEAVING, cluster.server(STAYING).url());
            int requests = 0;
            while (!judge.mayStep()) {
                request(requester, requests++);
            }
            Thread moving = new Thread(() -> judge.step(LEAVING), "moving");
            moving.start();
            while (moving.isAlive()) {
                request(requester, requests++);
            }
            request(requester, requests);
            int sent = requests + 1;

            await().atMost(TIMEOUT).until(() -> answers.get() == sent);
            assertThat(executions.repeated()).isZero();
            assertThat(judge.troubles()).isEmpty();
        }
    }

    @Test
    void admitsThatItLostASocket() throws Exception {
        try (NatsCluster cluster = NatsCluster.start(NODES);
                Judge judge = judge(cluster)) {
            judge.takeSeats();

            cluster.kill(LEAVING);

            await().atMost(TIMEOUT).until(() -> judge.troubles().size() == 2);
            assertThat(judge.troubles())
                    .anySatisfy(trouble -> assertThat(trouble).startsWith("receiver 0"))
                    .anySatisfy(trouble -> assertThat(trouble).startsWith("responder 0"));
        }
    }

    private Judge judge(NatsCluster cluster) {
        return new Judge(cluster, deliveries, executions, delayNs -> {});
    }

    private static void request(RawNats requester, int number) {
        NumberedRequest request = new NumberedRequest(LEAVING, number);
        requester.publish(request.subject(), "reply", request.toBytes());
        requester.ping();
    }

    /** Numbered messages from a raw socket, one after the other until it is closed. */
    private final class Traffic implements AutoCloseable {
        private final RawNats connection;
        private final Thread thread = new Thread(this::publish, "traffic");
        private final AtomicInteger published = new AtomicInteger();
        private volatile boolean ended;

        Traffic(String url) {
            connection = RawNats.connect(url, message -> {});
            thread.start();
        }

        void awaitMore(int messages) {
            int enough = published.get() + messages;
            await().atMost(TIMEOUT).until(() -> published.get() >= enough);
        }

        private void publish() {
            while (!ended) {
                NumberedMessage message = new NumberedMessage(0, published.get(), System.nanoTime());
                deliveries.offered(0, published.getAndIncrement());
                connection.publish(message.subject(), message.toBytes());
                connection.flush();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
            }
            connection.ping();
        }

        @Override
        public void close() {
            ended = true;
            await().atMost(TIMEOUT).until(() -> !thread.isAlive());
            connection.close();
        }
    }
}
