package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.it.client.Events.Event;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A request is with its responder, somewhere else in the cluster, when the server it was sent to dies or leaves. */
@NoLeaks
class RequestInFlightIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(50);
    /** Longer than a handover and far longer than a reconnect. */
    private static final Duration THINKING_TIME = Duration.ofSeconds(3);

    private static final RequestOptions OPTIONS = RequestOptions.timeout(TIMEOUT);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    /** Keeps what it is asked, and answers when it is told to. */
    private static final class Responder implements AutoCloseable {
        private final List<RawMessage> asked = new CopyOnWriteArrayList<>();
        private final ScheduledExecutorService thinking = Executors.newSingleThreadScheduledExecutor();
        private final RawNats connection;

        Responder(NatsServer server) {
            connection = Peers.receiver(server, "f.ask", asked::add);
        }

        RawMessage awaitAsked(int index) {
            Eventually.eventually("question " + index, () -> asked.size() > index);
            return asked.get(index);
        }

        int executions() {
            return asked.size();
        }

        void answer(RawMessage question) {
            connection.publish(question.reply(), question.payload());
            connection.flush();
        }

        void answerAfterThinking(RawMessage question) {
            ScheduledFuture<?> unused =
                    thinking.schedule(() -> answer(question), THINKING_TIME.toMillis(), TimeUnit.MILLISECONDS);
        }

        /** When this returns, whatever was sent to the responder before has been counted. */
        void ping() {
            connection.ping();
        }

        @Override
        public void close() {
            thinking.shutdownNow();
            connection.close();
        }
    }

    private NatsOptions.Builder options(NatsCluster cluster) {
        return NatsOptions.builder()
                .servers(cluster.urls().get(0), cluster.urls().get(1))
                .noRandomize(true)
                .name("asker")
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON)
                .standbyRefillJitter(SOON)
                .handoverJitter(SOON);
    }

    private static CompletableFuture<NatsMessage> ask(NatsClient client, RequestOptions options) {
        return client.requestAsync("f.ask", Numbers.payload(1), options);
    }

    private void kill(NatsCluster cluster, int index) {
        cluster.kill(index);
        cluster.server(index).awaitExit(TIMEOUT);
    }

    // Kill -9.

    @Test
    void anIdempotentRequestIsAnsweredAndExecutedTwiceAtMost() {
        try (NatsCluster cluster = NatsCluster.start(3);
                Responder responder = new Responder(cluster.server(2));
                NatsClient client = clients.connect(options(cluster))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            CompletableFuture<NatsMessage> reply = clients.track(ask(client, OPTIONS.idempotent()));
            responder.answerAfterThinking(responder.awaitAsked(0));

            kill(cluster, 0);

            responder.answerAfterThinking(responder.awaitAsked(1));
            assertAnswered(reply, Numbers.payload(1));
            responder.ping();
            assertThat(responder.executions()).isEqualTo(2);
            assertThat(client.metrics().requestsResent()).isEqualTo(1);
            assertThat(client.metrics().pendingRequests()).isZero();
        }
    }

    @Test
    void anIdempotentRequestIsAnsweredAlthoughItsFirstReplyWasLost() {
        try (NatsCluster cluster = NatsCluster.start(3);
                Responder responder = new Responder(cluster.server(2));
                NatsClient client = clients.connect(options(cluster).standbys(0))) {
            client.flush(TIMEOUT);
            CompletableFuture<NatsMessage> reply = clients.track(ask(client, OPTIONS.idempotent()));
            RawMessage first = responder.awaitAsked(0);

            kill(cluster, 0);

            RawMessage second = responder.awaitAsked(1);
            assertThat(second.payload()).isEqualTo(first.payload());
            assertThat(second.reply()).isNotEqualTo(first.reply());
            responder.answer(second);
            assertAnswered(reply, Numbers.payload(1));
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.DISCONNECTED, Kind.RECONNECTED);
        }
    }

    @Test
    void aLateReplyArrivesThroughTheNextConnection() {
        try (NatsCluster cluster = NatsCluster.start(3);
                Responder responder = new Responder(cluster.server(2));
                NatsClient client = clients.connect(options(cluster))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            CompletableFuture<NatsMessage> reply = clients.track(ask(client, OPTIONS));
            responder.answerAfterThinking(responder.awaitAsked(0));

            kill(cluster, 0);

            assertAnswered(reply, Numbers.payload(1));
            assertThat(client.connectedUrl()).contains(cluster.urls().get(1));
            responder.ping();
            assertThat(responder.executions()).isEqualTo(1);
            assertThat(client.metrics().requestsResent()).isZero();
        }
    }

    @Test
    void aRequestThatIsNeverAnsweredSaysThatItWasSentAndWasExecutedOnce() {
        try (NatsCluster cluster = NatsCluster.start(3);
                Responder responder = new Responder(cluster.server(2));
                NatsClient client = clients.connect(options(cluster))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            CompletableFuture<NatsMessage> reply =
                    clients.track(ask(client, RequestOptions.timeout(Duration.ofSeconds(1))));
            responder.awaitAsked(0);

            kill(cluster, 0);

            assertFails(reply, NatsStatus.TIMEOUT, "the request was sent and may have been executed");
            client.flush(TIMEOUT);
            responder.ping();
            assertThat(responder.executions()).isEqualTo(1);
        }
    }

    @Test
    void aRequestFailsAtOnceWhenItWasToldTo() {
        try (NatsCluster cluster = NatsCluster.start(3);
                Responder responder = new Responder(cluster.server(2));
                NatsClient client = clients.connect(options(cluster))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            CompletableFuture<NatsMessage> reply = clients.track(ask(client, OPTIONS.failOnDisconnect()));
            responder.awaitAsked(0);

            kill(cluster, 0);

            assertThat(reply).failsWithin(Duration.ofSeconds(1));
            assertFails(reply, NatsStatus.CONNECTION_CLOSED, "the request was sent and may have been executed");
            assertThat(responder.executions()).isEqualTo(1);
        }
    }

    @Test
    void aRequestThatTimesOutWithoutAConnectionSaysSoAndIsNotExecutedLater() {
        try (NatsCluster cluster = NatsCluster.start(1);
                NatsClient client = clients.connect(options(cluster, 0))) {
            kill(cluster, 0);
            events.await(Kind.DISCONNECTED);

            assertFails(
                    clients.track(ask(client, RequestOptions.timeout(Duration.ofMillis(200)))),
                    NatsStatus.TIMEOUT,
                    "the request was never sent");

            cluster.restart(0);
            try (Responder responder = new Responder(cluster.server(0))) {
                events.await(Kind.RECONNECTED);
                client.flush(TIMEOUT);
                responder.ping();
                assertThat(responder.executions()).isZero();
            }
        }
    }

    private NatsOptions.Builder options(NatsCluster cluster, int only) {
        return NatsOptions.builder()
                .servers(cluster.urls().get(only))
                .listener(events)
                .reconnectFirstDelay(SOON)
                .reconnectMaxDelay(SOON);
    }

    // The hot inbox.

    @Test
    void withAHotInboxAReplyArrivesThroughTheStandbyWhileTheServerHangs() {
        try (NatsCluster cluster = NatsCluster.start(3);
                Responder responder = new Responder(cluster.server(2));
                NatsClient client = clients.connect(options(cluster).hotInbox(true))) {
            awaitHotInbox(cluster);
            CompletableFuture<NatsMessage> reply = clients.track(ask(client, OPTIONS));
            RawMessage question = responder.awaitAsked(0);

            cluster.server(0).pause();
            try {
                responder.answer(question);

                assertAnswered(reply, Numbers.payload(1));
                assertThat(client.connectedUrl()).contains(cluster.urls().get(0));
                assertThat(events.kinds()).containsExactly(Kind.CONNECTED);
            } finally {
                cluster.server(0).resume();
            }
        }
    }

    @Test
    void withAHotInboxAReplyOfTheMomentOfTheLossArrives() {
        try (NatsCluster cluster = NatsCluster.start(3);
                Responder responder = new Responder(cluster.server(2));
                NatsClient client = clients.connect(options(cluster).hotInbox(true))) {
            awaitHotInbox(cluster);
            CompletableFuture<NatsMessage> reply = clients.track(ask(client, OPTIONS));
            RawMessage question = responder.awaitAsked(0);

            kill(cluster, 0);
            responder.answer(question); // Whether the client has noticed or not.

            assertAnswered(reply, Numbers.payload(1));
            events.await(Kind.RECONNECTED);
            CompletableFuture<NatsMessage> next = clients.track(ask(client, OPTIONS));
            responder.answer(responder.awaitAsked(1));
            assertAnswered(next, Numbers.payload(1));
        }
    }

    @Test
    void aHotInboxDoesNotDisturbAHandover() {
        try (NatsCluster cluster = leavingCluster();
                RawNats responder = Peers.responder(cluster.server(2), "f.echo");
                NatsClient client = clients.connect(options(cluster).hotInbox(true))) {
            awaitHotInbox(cluster);
            try (Load requests = Load.start(
                    4,
                    800,
                    number -> assertThat(client.request("f.echo", Numbers.payload(number), TIMEOUT)
                                    .payload())
                            .isEqualTo(Numbers.payload(number)))) {
                requests.awaitMore(100);

                cluster.lameDuck(0);

                events.await(Kind.HANDOVER);
                Eventually.eventually("the end of the handover", () -> !client.isInLameDuckMode());
                requests.awaitMore(100);
                requests.stop();
                assertThat(requests.failures()).isEmpty();
            }
            assertThat(client.metrics().pendingRequests()).isZero();
            assertThat(client.metrics().requestsRetried()).isZero();
            assertThat(events.kinds()).containsExactly(Kind.CONNECTED, Kind.LAME_DUCK, Kind.HANDOVER);
            assertThat(responder.isClosed()).isFalse();
        }
    }

    /** The responder's server knows that replies are wanted by both of the others. */
    private static void awaitHotInbox(NatsCluster cluster) {
        Eventually.eventually("the inbox on two servers", () -> {
            String routes = cluster.server(2).monitoring("/routez?subs=true").toString();
            return routes.split("\"_INBOX[.]", -1).length == 3;
        });
    }

    // Lame duck.

    private static NatsCluster leavingCluster() {
        return NatsCluster.start(
                3,
                NatsServerConfig.builder().lameDuckGrace(Duration.ofSeconds(5)).build());
    }

    @Test
    void aRequestOutlastsTheHandoverAndIsExecutedOnceWhateverItsOptions() {
        List<RequestOptions> all = List.of(OPTIONS, OPTIONS.idempotent(), OPTIONS.failOnDisconnect());
        try (NatsCluster cluster = leavingCluster();
                Responder responder = new Responder(cluster.server(2));
                NatsClient client = clients.connect(options(cluster))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            List<CompletableFuture<NatsMessage>> replies =
                    all.stream().map(one -> clients.track(ask(client, one))).toList();
            for (int i = 0; i < all.size(); i++) {
                responder.answerAfterThinking(responder.awaitAsked(i));
            }

            cluster.lameDuck(0);

            events.await(Kind.HANDOVER);
            Eventually.eventually("the end of the handover", () -> !client.isInLameDuckMode());
            assertThat(replies).as("left before the replies came").noneMatch(CompletableFuture::isDone);
            for (CompletableFuture<NatsMessage> reply : replies) {
                assertAnswered(reply, Numbers.payload(1));
            }
            responder.ping();
            assertThat(responder.executions()).isEqualTo(all.size());
            assertThat(client.metrics().requestsResent()).isZero();
            assertThat(client.metrics().requestsRetried()).isZero();
            assertThat(events.all()).extracting(Event::kind).doesNotContain(Kind.DISCONNECTED);
        }
    }

    private static void assertAnswered(CompletableFuture<NatsMessage> reply, byte[] payload) {
        assertThat(reply)
                .succeedsWithin(TIMEOUT)
                .extracting(NatsMessage::payload)
                .isEqualTo(payload);
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
