package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.Credentials;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Authorization.Account;
import io.mallard.it.support.Authorization.Nkeys;
import io.mallard.it.support.Authorization.User;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NkeyPair;
import io.mallard.it.support.NkeyPair.Owner;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Operator;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever the client says it is, the server believes it, or the user is told why not. */
@NoLeaks
class AuthenticationIT {
    private static final String SECRET = "s3cret";
    /** Nothing in it may stand in a URL as it is. */
    private static final String ODD = "p@s:s/w?o#r%d,\u00fc +";

    private static final Duration SOON = Duration.ofMillis(50);

    @RegisterExtension
    final Clients clients = new Clients();

    @TempDir
    Path directory;

    private final Events events = new Events();

    private NatsOptions.Builder to(NatsServer... servers) {
        String[] urls = List.of(servers).stream().map(NatsServer::url).toArray(String[]::new);
        return NatsOptions.builder().servers(urls).listener(events).standbyRefillJitter(SOON);
    }

    private static NatsServer guardedBy(String user, String password) {
        return NatsServer.start(config(user, password));
    }

    private static NatsServerConfig config(String user, String password) {
        return NatsServerConfig.builder().user(user, password).build();
    }

    private void assertAccepted(NatsOptions.Builder options) {
        try (NatsClient client = clients.connect(options)) {
            client.flush(Eventually.LONG);
        }
    }

    private static NatsException refused(NatsOptions.Builder options) {
        AtomicReference<NatsException> refusal = new AtomicReference<>();
        assertThatThrownBy(() -> NatsClient.connect(options.build()).close())
                .isInstanceOfSatisfying(NatsException.class, e -> {
                    assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_AUTH_FAILED);
                    refusal.set(e);
                });
        return refusal.get();
    }

    /** The users of a server's clients, by its own account. */
    private static List<String> users(NatsServer server) {
        JsonNode connections = server.monitoring("/connz?auth=true").path("connections");
        return StreamSupport.stream(connections.spliterator(), false)
                .map(connection -> connection.path("authorized_user").asText())
                .toList();
    }

    // Keys.

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void identifiesByAKeyFromMemoryFromASupplierAndFromAFile(String version) throws Exception {
        NkeyPair key = NkeyPair.generate(Owner.USER);
        NatsServerConfig config = NatsServerConfig.builder()
                .version(version)
                .authorization(new Nkeys(List.of(key.publicKey())))
                .build();
        Path file = Files.writeString(directory.resolve("duck.nk"), key.seed() + "\n");
        char[] seed = key.seed().toCharArray();
        char[] supplied = key.seed().toCharArray();
        try (NatsServer server = NatsServer.start(config)) {
            assertAccepted(to(server).nkeySeed(seed));
            assertAccepted(to(server).nkeySeed(() -> supplied));
            assertAccepted(to(server).nkeyFile(file));

            assertThat(refused(to(server)
                            .nkeySeed(NkeyPair.generate(Owner.USER).seed().toCharArray())))
                    .hasMessageContaining("Authorization Violation; check the credentials");
        }
        assertThat(supplied).as("wiped").containsOnly('\0');
        assertThat(seed).as("the caller's").isEqualTo(key.seed().toCharArray());
    }

    @Test
    void saysWhyThereAreNoCredentialsAndNoSecret() throws Exception {
        String broken = NkeyPair.generate(Owner.USER).seed().replaceAll("..$", "AA");
        Path file = Files.writeString(directory.resolve("broken.nk"), broken);
        try (NatsServer server = NatsServer.startDefault();
                ClientLog log = ClientLog.open()) {
            assertThat(refused(to(server).nkeyFile(file)))
                    .hasMessageContaining(server.url() + ": there are no credentials: ")
                    .hasMessageContaining("a seed with a wrong checksum");
            assertThat(refused(to(server).credentialsFile(directory.resolve("none.creds"))))
                    .hasMessageContaining("NoSuchFileException")
                    .hasMessageContaining("none.creds");
            assertThat(refused(to(server).credentialsFile(file))).hasMessageContaining("has no JWT");
            assertThat(refused(to(server)
                            .nkeySeed(() ->
                                    NkeyPair.generate(Owner.ACCOUNT).seed().toCharArray())))
                    .hasMessageContaining("not the seed of a user, which begins with SU");
            assertThat(refused(to(server).token(() -> {
                        throw new IllegalStateException("the vault is closed");
                    })))
                    .hasMessageContaining("the vault is closed");

            assertThat(String.join("\n", log.lines())).contains("broken.nk").doesNotContain(broken);
        }
    }

    // JWTs.

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void identifiesByAJwtOfAnOperator(String version) {
        Operator operator = new Operator();
        Operator.User duck = operator.user("duck");
        NatsServerConfig config = NatsServerConfig.builder()
                .version(version)
                .authorization(operator)
                .build();
        Path creds = duck.writeTo(directory.resolve("duck.creds"));
        try (NatsServer server = NatsServer.start(config);
                ClientLog log = ClientLog.open()) {
            assertAccepted(to(server).credentialsFile(creds));
            assertAccepted(to(server).jwt(duck.jwt()).nkeySeed(duck.key().seed().toCharArray()));
            assertAccepted(to(server).jwt(duck::jwt).nkeyFile(creds));
            assertAccepted(to(server).authHandler((url, nonce) -> {
                assertThat(url).isEqualTo(server.url());
                return Credentials.jwt(duck.jwt(), duck.key().sign(nonce));
            }));

            assertThat(refused(to(server))).hasMessageContaining("Authorization Violation");
            assertThat(refused(to(server)
                            .credentialsFile(
                                    new Operator().user("stranger").writeTo(directory.resolve("stranger.creds")))))
                    .hasMessageContaining("Authorization Violation");
            assertThat(refused(to(server)
                            .credentialsFile(operator.user("late", Instant.now().minusSeconds(5))
                                    .writeTo(directory.resolve("late.creds")))))
                    .hasMessageContaining("check the credentials");
            assertThat(String.join("\n", log.lines()))
                    .doesNotContain(duck.jwt(), duck.key().seed());
        }
    }

    @Test
    void mayDoWhatItsJwtAllows() {
        Operator operator = new Operator();
        Path creds = operator.publisherTo("duck", "pond").writeTo(directory.resolve("duck.creds"));
        try (NatsServer server = NatsServer.start(
                        NatsServerConfig.builder().authorization(operator).build());
                NatsClient client = clients.connect(to(server).credentialsFile(creds))) {
            client.publish("pond", new byte[1]);
            client.flush(Eventually.LONG);
            assertThat(events.of(Kind.ERROR)).isEmpty();

            client.publish("lake", new byte[1]);

            assertThat(events.await(Kind.ERROR).cause())
                    .hasMessageContaining("Permissions Violation for Publish to \"lake\"")
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NOT_PERMITTED));
            client.flush(Eventually.LONG);
        }
    }

    @Test
    void aFileOfCredentialsIsReadAgainForEveryConnection() {
        Operator operator = new Operator();
        Operator.User old = operator.user("old");
        Operator.User fresh = operator.user("fresh");
        Path creds = old.writeTo(directory.resolve("duck.creds"));
        NatsServerConfig config =
                NatsServerConfig.builder().authorization(operator).build();
        try (NatsCluster cluster = NatsCluster.start(2, config);
                NatsClient client = clients.connect(to(cluster.server(0)).credentialsFile(creds))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);
            assertThat(users(cluster.server(0))).containsExactly(old.key().publicKey());
            assertThat(users(cluster.server(1))).containsExactly(old.key().publicKey());

            fresh.writeTo(creds);
            client.reconnect();

            Eventually.eventually(
                    "the next standby",
                    () -> users(cluster.server(0)).equals(List.of(fresh.key().publicKey())));
            cluster.kill(1);
            cluster.restart(1);
            Eventually.eventually(
                    "a standby where the client was",
                    () -> users(cluster.server(1)).equals(List.of(fresh.key().publicKey())));
        }
    }

    // Accounts.

    @Test
    void usersOfDifferentAccountsDoNotHearEachOther() {
        Numbers heard = new Numbers();
        try (NatsServer server = NatsServer.start(NatsServerConfig.builder()
                        .accounts(
                                Account.of("DUCKS", new User("duck", SECRET)),
                                Account.of("SWANS", new User("swan", SECRET)))
                        .build());
                NatsClient duck = clients.connect(to(server).user("duck", SECRET));
                NatsClient drake = clients.connect(to(server).user("duck", SECRET));
                NatsClient swan = clients.connect(to(server).user("swan", SECRET))) {
            duck.subscribe("pond", message -> heard.add(message.payload()));
            duck.flush(Eventually.LONG);

            swan.publish("pond", Numbers.payload(1));
            swan.flush(Eventually.LONG);
            drake.publish("pond", Numbers.payload(2));

            Eventually.eventually("what the drake said", () -> heard.has(2));
            assertThat(heard.received()).containsExactly(2L);
        }
    }

    // URLs.

    @Test
    void credentialsInAUrlAreDecodedAndTakePrecedenceAtThatServer() {
        String encoded = URLEncoder.encode(ODD, StandardCharsets.UTF_8).replace("+", "%20");
        try (NatsServer byUser = guardedBy("d@ck", ODD);
                NatsServer byToken = NatsServer.start(
                        NatsServerConfig.builder().token(SECRET).build());
                NatsServer byOptions = guardedBy("swan", SECRET);
                ClientLog log = ClientLog.open()) {
            String userUrl = "nats://d%40ck:" + encoded + "@127.0.0.1:" + byUser.port();
            String tokenUrl = "nats://" + SECRET + "@127.0.0.1:" + byToken.port();

            assertAccepted(NatsOptions.builder().servers(userUrl));
            assertAccepted(NatsOptions.builder().servers(tokenUrl).user("swan", "wr0ng"));
            NatsOptions.Builder all = NatsOptions.builder()
                    .servers(userUrl, tokenUrl, byOptions.url())
                    .noRandomize(true)
                    .user("swan", SECRET)
                    .standbys(2)
                    .standbyRefillJitter(SOON);
            try (NatsClient client = clients.connect(all)) {
                assertThat(client.connectedUrl()).contains(byUser.url());
                Eventually.eventually("a standby", () -> users(byToken).size() == 1);
                Eventually.eventually("another one", () -> users(byOptions).equals(List.of("swan")));
            }
            assertThat(refused(NatsOptions.builder()
                            .servers("nats://swan:wr0ng@127.0.0.1:" + byOptions.port())
                            .user("swan", SECRET)))
                    .hasMessageContaining(byOptions.url())
                    .hasMessageNotContaining("wr0ng");

            assertThat(String.join("\n", log.lines()))
                    .contains("\n  servers - nats://***@127.0.0.1:" + byUser.port())
                    .doesNotContain(SECRET, encoded, ODD, "wr0ng");
        }
    }

    @Test
    void aDiscoveredServerGetsTheCredentialsOfTheUrlThatLedToIt() {
        try (NatsCluster cluster = NatsCluster.start(2, config("duck", SECRET));
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers("nats://duck:" + SECRET + "@127.0.0.1:"
                                + cluster.server(0).port())
                        .standbyRefillJitter(SOON))) {
            Eventually.eventually("the standby", client::isHotSwapAvailable);

            assertThat(users(cluster.server(1))).containsExactly("duck");
        }
    }

    // What changes.

    @Test
    void aPasswordIsAskedForAgainForEveryConnection() {
        AtomicReference<String> password = new AtomicReference<>("0ld");
        try (NatsServer server = guardedBy("duck", "0ld");
                NatsClient client = clients.connect(to(server).user("duck", password::get))) {
            password.set("n3w");
            server.reload(config("duck", "n3w"));

            events.await(Kind.RECONNECTED);
            client.flush(Eventually.LONG);
        }
    }

    @Test
    void aTokenIsAskedForAgainForEveryConnection() {
        AtomicReference<String> token = new AtomicReference<>("0ld");
        try (NatsServer server =
                        NatsServer.start(NatsServerConfig.builder().token("0ld").build());
                NatsClient client = clients.connect(to(server).token(token::get))) {
            token.set("n3w");
            server.reload(NatsServerConfig.builder().token("n3w").build());

            events.await(Kind.RECONNECTED);
            client.flush(Eventually.LONG);
        }
    }

    // A server that does not wait.

    @Test
    void saysThatTheServerDidNotWaitForTheCredentials() throws Exception {
        CountDownLatch refused = new CountDownLatch(1);
        NatsServerConfig config = NatsServerConfig.builder()
                .extra("authorization { user: duck, password: s3cret, timeout: 0.2 }")
                .build();
        try (NatsServer server = NatsServer.start(config)) {
            assertThat(refused(to(server).user("duck", () -> {
                        try {
                            assertThat(refused.await(1, TimeUnit.SECONDS)).isFalse();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        return SECRET;
                    })))
                    .hasMessageContaining(
                            "Authentication Timeout; credentials must come within its authorization timeout");
        }
    }
}
