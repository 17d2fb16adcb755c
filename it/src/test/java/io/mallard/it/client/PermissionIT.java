package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.ClientListener;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.Subscription;
import io.mallard.it.support.Authorization.User;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Permissions;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user may not do is told by the subscription or the subject it is about, and nothing else suffers. */
@NoLeaks
class PermissionIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final User JUDGE = new User("judge", "s3cret");
    private static final User DUCK =
            new User("duck", "s3cret", Permissions.all().denySubscribe("land.>").denyPublish("land.>"));
    private static final User FREE_DUCK = new User("duck", "s3cret");

    @RegisterExtension
    final Clients clients = new Clients();

    private record Denied(Subscription subscription, NatsException error) {}

    private final List<Denied> denied = new CopyOnWriteArrayList<>();
    private final List<String> publishesDenied = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final List<String> lost = new CopyOnWriteArrayList<>();

    private final ClientListener listener = new ClientListener() {
        @Override
        public void onSubscriptionDenied(Subscription subscription, NatsException error) {
            denied.add(new Denied(subscription, error));
        }

        @Override
        public void onPublishDenied(String subject, NatsException error) {
            assertThat(error.status()).isEqualTo(NatsStatus.NOT_PERMITTED);
            publishesDenied.add(subject);
        }

        @Override
        public void onError(Throwable error) {
            errors.add(error);
        }

        @Override
        public void onDisconnected(String url, Throwable cause, long publishesInDoubt) {
            lost.add(url);
        }
    };

    private static NatsServerConfig.Builder config(User duck) {
        return NatsServerConfig.builder().users(duck, JUDGE);
    }

    private NatsClient connect(NatsServer server) {
        return clients.connect(NatsOptions.builder()
                .servers(server.url())
                .user(DUCK.name(), DUCK.password())
                .listener(listener));
    }

    private static RawNats judge(NatsServer server, String subject, Numbers received) {
        RawNats judge = RawNats.connect(
                server.url(), JUDGE.name(), JUDGE.password(), message -> received.add(message.payload()));
        judge.subscribe(subject, 1);
        judge.ping();
        return judge;
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void aDeniedSubscriptionIsToldOfAndTheOthersLiveOn(String version) {
        Numbers received = new Numbers();
        try (NatsServer server = NatsServer.start(config(DUCK).version(version).build());
                NatsClient client = connect(server);
                RawNats judge = judge(server, "unused", new Numbers())) {
            Subscription good = client.subscribe("pond.*", message -> received.add(message.payload()));
            Subscription plain = client.subscribe("land.a", message -> received.add(message.payload()));
            Subscription twin = client.subscribe("land.a", message -> received.add(message.payload()));
            Subscription queue = client.subscribe("land.a", "geese", message -> received.add(message.payload()));
            client.flush(TIMEOUT);
            Eventually.eventually("all that are denied", () -> denied.size() >= 3);

            assertThat(denied).extracting(Denied::subscription).containsExactlyInAnyOrder(plain, twin, queue);
            assertThat(denied).allSatisfy(each -> {
                assertThat(each.error().status()).isEqualTo(NatsStatus.NOT_PERMITTED);
                assertThat(each.error())
                        .hasMessageContaining(server.url() + ": ")
                        .hasMessageContaining("\"land.a\"");
            });
            assertThat(server.log()).anyMatch(line -> line.contains("Subscription Violation"));
            judge.publish("pond.a", Numbers.payload(1));
            judge.publish("land.a", Numbers.payload(2));
            judge.publish("pond.b", Numbers.payload(3));
            judge.ping();
            client.flush(TIMEOUT);
            Eventually.eventually("what is permitted", () -> received.count() == 2);
            assertThat(received.received()).containsExactly(1L, 3L);
            assertThat(good.isActive()).isTrue();
            assertThat(plain.isActive()).isTrue();
            assertThat(errors).isEmpty();
            assertThat(lost).isEmpty();
        }
    }

    @Test
    void aDeniedPublishIsToldOfBySubjectAndTheOthersArrive() {
        Numbers received = new Numbers();
        try (NatsServer server = NatsServer.start(config(DUCK).build());
                RawNats judge = judge(server, ">", received);
                NatsClient client = connect(server)) {
            client.publish("pond", Numbers.payload(1));
            client.publish("land.b", Numbers.payload(2));
            client.publish("pond", Numbers.payload(3));
            client.flush(TIMEOUT);
            judge.ping();
            Eventually.eventually("the denied one", () -> publishesDenied.size() == 1);

            assertThat(publishesDenied).containsExactly("land.b");
            assertThat(received.received()).containsExactly(1L, 3L);
            assertThat(server.log()).anyMatch(line -> line.contains("Publish Violation"));
            assertThat(errors).isEmpty();
            assertThat(lost).isEmpty();
        }
    }

    /** Its words have the sid as well. */
    @Test
    void aPermissionThatIsWithdrawnIsToldOfByItsSubscription() {
        Numbers received = new Numbers();
        try (NatsServer server = NatsServer.start(config(FREE_DUCK).build());
                NatsClient client = connect(server);
                RawNats judge = judge(server, "unused", new Numbers())) {
            client.subscribe("pond", message -> received.add(message.payload()));
            Subscription withdrawn = client.subscribe("land.c", message -> {});
            client.flush(TIMEOUT);
            assertThat(denied).isEmpty();

            server.reload(config(DUCK).build());
            Eventually.eventually("what is denied", () -> !denied.isEmpty() || !lost.isEmpty());

            assertThat(denied).extracting(Denied::subscription).containsExactly(withdrawn);
            judge.publish("pond", Numbers.payload(1));
            judge.ping();
            Eventually.eventually("what is permitted", () -> received.count() == 1);
        }
    }
}
