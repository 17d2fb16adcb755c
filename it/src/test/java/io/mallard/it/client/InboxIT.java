package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.support.Authorization;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Permissions;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where replies arrive, when the server has a say in that. */
@NoLeaks
class InboxIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofMillis(300);

    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void aUserWhoMaySubscribeToInboxesOfItsOwnAloneAsksWithThatPrefix() {
        Permissions own = Permissions.all().allowSubscribe("_INBOX_alice.>");
        NatsServerConfig config = NatsServerConfig.builder()
                .authorization(new Authorization.Users(
                        List.of(new Authorization.User("alice", "a", own), new Authorization.User("bob", "b"))))
                .build();
        try (NatsServer server = NatsServer.start(config);
                NatsClient responder = clients.connect(of(server).user("bob", "b"));
                NatsClient prefixed =
                        clients.connect(of(server).user("alice", "a").inboxPrefix("_INBOX_alice"));
                NatsClient usual = clients.connect(of(server).user("alice", "a"))) {
            responder.subscribe("r.echo", message -> message.respond(message.payload()));
            responder.flush(TIMEOUT);

            NatsMessage reply = prefixed.request("r.echo", "duck".getBytes(UTF_8), TIMEOUT);

            assertThat(reply.payload()).isEqualTo("duck".getBytes(UTF_8));
            assertThat(reply.subject()).matches("_INBOX_alice\\.[0-9A-Za-z]{22}\\.\\d+");
            assertThatThrownBy(() -> usual.request("r.echo", new byte[0], SHORT)) // The permission is what counts.
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT));
        }
    }

    @Test
    void aReplyWhoseSubjectTheServerHasRewrittenAnswersTheOnlyRequestThereIs() {
        NatsServerConfig config = NatsServerConfig.builder()
                .extra("mappings: { \"_INBOX.*.*\": \"_INBOX.{{wildcard(1)}}.rewritten\" }")
                .build();
        try (NatsServer server = NatsServer.start(config);
                RawNats responder = Peers.responder(server, "r.echo");
                NatsClient client = clients.connect(of(server))) {
            NatsMessage first = client.request("r.echo", "one".getBytes(UTF_8), TIMEOUT);
            NatsMessage second = client.request("r.echo", "two".getBytes(UTF_8), TIMEOUT);

            assertThat(first.subject()).endsWith(".rewritten"); // The fault has happened.
            assertThat(first.payload()).isEqualTo("one".getBytes(UTF_8));
            assertThat(second.payload()).isEqualTo("two".getBytes(UTF_8));
            assertThat(responder.errors()).isEmpty();
        }
    }

    @Test
    void aRewrittenReplyAnswersNobodyWhileTwoRequestsWait() throws Exception {
        NatsServerConfig config = NatsServerConfig.builder()
                .extra("mappings: { \"_INBOX.*.*\": \"_INBOX.{{wildcard(1)}}.rewritten\" }")
                .build();
        BlockingQueue<RawMessage> asked = new LinkedBlockingQueue<>();
        try (NatsServer server = NatsServer.start(config);
                RawNats responder = Peers.receiver(server, "r.held", asked::add);
                NatsClient client = clients.connect(of(server))) {
            CompletableFuture<NatsMessage> one = clients.track(client.requestAsync("r.held", new byte[0], TIMEOUT));
            CompletableFuture<NatsMessage> two = clients.track(client.requestAsync("r.held", new byte[0], TIMEOUT));
            RawMessage first = asked.poll(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            answer(responder, first, "whose?");
            client.flush(TIMEOUT); // The reply was sent before the PONG.
            assertThat(one).isNotDone();
            assertThat(two).isNotDone();
        }
    }

    @Test
    void aCopyOfARewrittenReplyAnswersNoOtherRequestWhileTheServerIsLeft() {
        String mapping = "mappings: { \"_INBOX.*.*\": \"_INBOX.{{wildcard(1)}}.rewritten\" }";
        NatsCluster cluster =
                NatsCluster.start(2, NatsServerConfig.builder().extra(mapping).build());
        try (Scenario scenario = new Scenario(clients, cluster);
                RawNats responder = Peers.responder(cluster.server(1), "r.echo")) {
            NatsClient client = scenario.connect();
            scenario.awaitResponder(scenario.bystander(0), "r.echo");
            cluster.server(0).lameDuck();

            int answered = 0;
            for (int i = 0; !scenario.events.hasReport(0) || i < 100; i++) {
                byte[] payload = ("question " + i).getBytes(UTF_8);
                try {
                    assertThat(client.request("r.echo", payload, SHORT).payload())
                            .isEqualTo(payload);
                    answered++;
                } catch (NatsException e) {
                    assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT); // Lost is better than somebody else's.
                }
            }
            assertThat(answered).isPositive();
            assertThat(responder.errors()).isEmpty();
        }
    }

    @Test
    void aRequestThatIsCancelledIsForgottenAtOnce() throws Exception {
        BlockingQueue<RawMessage> asked = new LinkedBlockingQueue<>();
        try (NatsServer server = NatsServer.startDefault();
                RawNats responder = Peers.receiver(server, "r.held", asked::add);
                NatsClient client = clients.connect(of(server))) {
            CompletableFuture<NatsMessage> cancelled =
                    client.requestAsync("r.held", new byte[0], Duration.ofMinutes(5));
            CompletableFuture<NatsMessage> timedOut = client.requestAsync("r.held", new byte[0], Duration.ofMinutes(5))
                    .orTimeout(1, TimeUnit.MILLISECONDS);
            RawMessage request = asked.poll(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(client.metrics().pendingRequests()).isBetween(1, 2);

            assertThat(cancelled.cancel(false)).isTrue();
            assertThatThrownBy(timedOut::get).hasCauseInstanceOf(java.util.concurrent.TimeoutException.class);

            assertThat(client.metrics().pendingRequests()).isZero();
            answer(responder, request, "late"); // It is dropped without a word.
            client.flush(TIMEOUT);
            assertThat(cancelled).isCancelled();
        }
    }

    private static void answer(RawNats responder, RawMessage request, String payload) {
        responder.publish(request.reply(), payload.getBytes(UTF_8));
        responder.ping();
    }

    private static NatsOptions.Builder of(NatsServer server) {
        return NatsOptions.builder().servers(server.url());
    }
}
