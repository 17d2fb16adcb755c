package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.HotSwapClient;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.judge.History.Requests;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The view of the connection that stands by, judged by the server at its other end. */
@NoLeaks
class HotSwapClientIT {
    private static final String NAME = "viewed";
    private static final int MESSAGES = 50;
    private static final int PER_SECOND = 500;

    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void publishesAndRequestsLeaveOnThatVeryConnection() {
        try (Scenario scenario = new Scenario(clients, 2)) {
            Publisher publisher = scenario.history.publisher("view");
            Receiver judge = scenario.history.receiver("judge", publisher);
            scenario.receive(1, "v.up", judge);
            NatsClient client = scenario.connect(scenario.options().name(NAME));
            HotSwapClient view = client.hotSwapClient().orElseThrow();
            Requests requests = scenario.history.requests("view");
            scenario.respond(1, "v.echo", requests);
            byte[] payload = requests.begin();
            long viaCarrier = received(scenario, 0);

            for (int i = 0; i < MESSAGES; i++) {
                view.publish("v.up", publisher.next());
            }
            byte[] reply = view.request("v.echo", payload, Scenario.TIMEOUT).payload();

            assertThat(view.url()).isEqualTo(scenario.cluster.urls().get(1));
            assertThat(client.hotSwapClient()).containsSame(view);
            assertThat(reply).isEqualTo(payload);
            Eventually.eventually("the last message", judge::isComplete);
            assertThat(received(scenario, 1)).isEqualTo(MESSAGES + 1);
            assertThat(received(scenario, 0)).isEqualTo(viaCarrier);
            assertThat(client.connectedUrl()).contains(scenario.cluster.urls().get(0));
        }
    }

    @Test
    void theViewIsEmptyWhileNothingStandsBy() {
        try (Scenario scenario = new Scenario(clients, 1)) {
            NatsClient client = scenario.connectSoon(scenario.options());

            assertThat(client.hotSwapClient()).isEmpty();
            assertThat(client.hotSwapSuccessRate()).isEqualTo(1);
            assertThat(client.hotSwapCreationTime()).isZero();
            assertThat(client.zeroDowntimeAchievements()).isZero();
        }
    }

    @Test
    void aSubscriptionMadeThereGetsEachMessageOnceWhileItsConnectionTakesOverAndIsLeftInTurn() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("raw");
            Receiver receiver = scenario.history.receiver("view", publisher);
            NatsClient client = scenario.connect();
            HotSwapClient view = client.hotSwapClient().orElseThrow();

            Subscription subscription = view.subscribe("v.down", scenario.to(receiver));
            RawNats socket = scenario.socket(2, message -> {});
            scenario.awaitInterest(socket, "v.down", 1);
            assertThat(scenario.hasSubscription(1, "v.down")).isTrue();
            assertThat(scenario.hasSubscription(0, "v.down")).isFalse();
            Load load = scenario.publish(socket, "v.down", publisher, PER_SECOND);
            load.awaitMore(MESSAGES);
            scenario.leave(0, client);

            load.awaitMore(MESSAGES);
            assertThat(client.connectedUrl()).contains(view.url());
            assertThat(scenario.subscriptions(1, "v.down")).isEqualTo(1);
            view.publish("v.after", new byte[0]);
            Eventually.eventually("the next standby", client::isHotSwapAvailable);
            scenario.leave(1, client);
            load.awaitMore(MESSAGES);
            scenario.finish(load, receiver);

            scenario.history.assertExact(Scenario.LATEST);
            assertThat(client.connectedUrl()).contains(scenario.cluster.urls().get(2));
            assertThat(scenario.subscriptions(2, "v.down")).isEqualTo(1);
            assertThatThrownBy(() -> view.publish("v.after", new byte[0]))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED))
                    .hasMessageContaining(view.url());
            assertThat(client.hotSwapSuccessRate()).isEqualTo(1);
            assertThat(client.hotSwapCreationTime()).isPositive();
            assertThat(client.zeroDowntimeAchievements()).isEqualTo(2);
            assertThat(client.metrics().hotSwapAttempts()).isEqualTo(2);
            subscription.unsubscribe();
            Eventually.eventually("the end", () -> !scenario.hasSubscription(2, "v.down"));
        }
    }

    @Test
    void aSubscriptionMadeThereMovesToTheCarrierWhenTheStandbyIsLost() {
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connect();
            HotSwapClient view = client.hotSwapClient().orElseThrow();
            view.subscribe("v.down", message -> {});
            Eventually.eventually("the subscription", () -> scenario.hasSubscription(1, "v.down"));

            scenario.cluster.kill(1);

            Eventually.eventually("the subscription", () -> scenario.hasSubscription(0, "v.down"));
            assertThatThrownBy(() -> view.subscribe("v.more", message -> {}))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED))
                    .hasMessageContaining(view.url());
            assertThat(client.connectedUrl()).contains(scenario.cluster.urls().get(0));
        }
    }

    @Test
    void theStandbyIsToldOfTheEndOfItsSubscription() throws Exception {
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connect();
            HotSwapClient view = client.hotSwapClient().orElseThrow();
            Subscription unsubscribed = view.subscribe("v.one", message -> {});
            Subscription drained = view.subscribe("v.two", message -> {});
            Eventually.eventually("the subscriptions", () -> scenario.hasSubscription(1, "v.two"));

            unsubscribed.unsubscribe();
            drained.drain(Scenario.TIMEOUT).get(Scenario.TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            Eventually.eventually(
                    "their end", () -> !scenario.hasSubscription(1, "v.one") && !scenario.hasSubscription(1, "v.two"));
        }
    }

    @Test
    void noEchoIsNotPromisedWhereItCannotBeKept() {
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connect(scenario.options().noEcho(true));
            HotSwapClient view = client.hotSwapClient().orElseThrow();

            assertThatThrownBy(() -> view.subscribe("v.down", message -> {}))
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.ILLEGAL_STATE));
        }
    }

    @Test
    void theServerOfAnotherClientIsPreferredAndTakesOver() {
        try (Scenario scenario = new Scenario(clients, 3)) {
            NatsClient client = scenario.connect();
            assertThat(client.hotSwapClient().orElseThrow().url())
                    .isEqualTo(scenario.cluster.urls().get(1));
            NatsClient other = scenario.bystander(2);

            client.setHotSwapClient(other);

            Eventually.eventually(
                    "a standby there",
                    () -> client.hotSwapClient()
                            .filter(view ->
                                    view.url().equals(scenario.cluster.urls().get(2)))
                            .isPresent());
            client.setHotSwapClient(null);
            assertThat(client.isHotSwapAvailable()).as("what stands by stays").isTrue();
            scenario.leave(0, client);
            assertThat(client.connectedUrl()).isEqualTo(other.connectedUrl());
            assertThat(scenario.events.of(Kind.HANDOVER)).hasSize(1);
            other.flush(Duration.ofSeconds(1)); // It is the caller's still.
        }
    }

    /** Messages that a server has received from the client, by its own account. */
    private static long received(Scenario scenario, int node) {
        JsonNode connections =
                scenario.cluster.server(node).monitoring("/connz").path("connections");
        return StreamSupport.stream(connections.spliterator(), false)
                .filter(connection -> connection.path("name").asText().equals(NAME))
                .mapToLong(connection -> connection.path("in_msgs").asLong())
                .sum();
    }
}
