package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.support.Authorization.Account;
import io.mallard.it.support.Authorization.User;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
class AuthorizationIT {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final RawListener NOBODY = message -> {};
    private static final User DUCK = new User("duck", "s3cret");
    private static final String CONNECT_AND_PING =
            "CONNECT {\"verbose\":false,\"user\":\"duck\",\"pass\":\"s3cret\"}\r\nPING\r\n";

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void refusesWhatAUserMayNotDo(String version) {
        Permissions permissions = Permissions.all()
                .allowPublish("pond.>")
                .denyPublish("pond.deep")
                .allowSubscribe("pond.*", "_INBOX.>")
                .denySubscribe("pond.deep");
        try (NatsServer server = NatsServer.start(NatsServerConfig.builder()
                        .version(version)
                        .users(new User("duck", "s3cret", permissions), new User("swan", "s3cret"))
                        .build());
                RawNats duck = RawNats.connect(server.url(), "duck", "s3cret", NOBODY);
                RawNats swan = RawNats.connect(server.url(), "swan", "s3cret", NOBODY)) {
            duck.publish("pond.shallow", new byte[0]);
            duck.subscribe("pond.shallow", 1);
            duck.subscribe("_INBOX.duck.1", 2);
            duck.ping();
            assertThat(duck.errors()).isEmpty();

            duck.publish("pond.deep", new byte[0]);
            duck.publish("lake", new byte[0]);
            duck.subscribe("pond.deep", 3);
            duck.subscribe("lake", 4);
            duck.subscribe("lake", "flock", 5);
            duck.ping();

            assertThat(duck.errors())
                    .containsExactly(
                            "'Permissions Violation for Publish to \"pond.deep\"'",
                            "'Permissions Violation for Publish to \"lake\"'",
                            "'Permissions Violation for Subscription to \"pond.deep\"'",
                            "'Permissions Violation for Subscription to \"lake\"'",
                            "'Permissions Violation for Subscription to \"lake\" using queue \"flock\"'");
            swan.publish("pond.deep", new byte[0]);
            swan.ping();
            assertThat(swan.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void letsAResponderAnswerOnceAndPublishNothingElse(String version) throws InterruptedException {
        BlockingQueue<RawMessage> requests = new LinkedBlockingQueue<>();
        BlockingQueue<RawMessage> replies = new LinkedBlockingQueue<>();
        Permissions answers = Permissions.all().allowSubscribe("service").allowResponses();
        try (NatsServer server = NatsServer.start(NatsServerConfig.builder()
                        .version(version)
                        .users(new User("responder", "s3cret", answers), DUCK)
                        .build());
                RawNats responder = RawNats.connect(server.url(), "responder", "s3cret", requests::add);
                RawNats duck = RawNats.connect(server.url(), "duck", "s3cret", replies::add)) {
            responder.subscribe("service", 1);
            responder.ping();
            duck.subscribe("_INBOX.duck.*", 1);
            duck.publish("service", "_INBOX.duck.7", new byte[0]);
            duck.flush();
            String reply = next(requests).reply();
            assertThat(reply).isEqualTo("_INBOX.duck.7");

            responder.publish("_INBOX.duck.7", new byte[] {42});
            responder.ping();

            assertThat(responder.errors()).isEmpty();
            assertThat(next(replies).payload()).containsExactly(42);

            responder.publish("_INBOX.duck.7", new byte[] {43});
            responder.publish("_INBOX.duck.8", new byte[] {44});
            responder.publish("service", new byte[] {45});
            responder.ping();

            assertThat(responder.errors())
                    .containsExactly(
                            "'Permissions Violation for Publish to \"_INBOX.duck.7\"'",
                            "'Permissions Violation for Publish to \"_INBOX.duck.8\"'",
                            "'Permissions Violation for Publish to \"service\"'");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void refusesAConnectionOverTheLimitOfItsAccountInTheWholeCluster(String version) throws IOException {
        NatsServerConfig template = NatsServerConfig.builder()
                .version(version)
                .accounts(
                        Account.of("DUCKS", DUCK).withMaxConnections(1),
                        Account.of("SWANS", new User("swan", "s3cret")))
                .build();
        try (NatsCluster cluster = NatsCluster.start(2, template);
                RawNats first = RawNats.connect(cluster.server(0).url(), "duck", "s3cret", NOBODY)) {
            String refusal = "-ERR 'maximum account active connections exceeded'";
            assertThat(answerTo(cluster.server(0), CONNECT_AND_PING)).endsWith(refusal);
            first.ping();
            // A node learns of the connections to the others a moment later, and admits some too many until then.
            Await.until(
                    "a refusal by the other node",
                    LONG,
                    () -> answerTo(cluster.server(1), CONNECT_AND_PING).endsWith(refusal));

            RawNats.connect(cluster.server(0).url(), "swan", "s3cret", NOBODY).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10", "newest"})
    void refusesAConnectionOverTheLimitOfTheServerBeforeItSaysAnything(String version) throws IOException {
        NatsServerConfig config =
                NatsServerConfig.builder().version(version).maxConnections(1).build();
        try (NatsServer server = NatsServer.start(config);
                RawNats first = RawNats.connect(server.url(), NOBODY)) {
            assertThat(answerTo(server, "")).startsWith("INFO {").endsWith("-ERR 'maximum connections exceeded'");
            first.ping();
        }
    }

    /** Every line that the server sends on a new connection, up to its PONG or the end. */
    private static String answerTo(NatsServer server, String said) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout((int) LONG.toMillis());
            socket.getOutputStream().write(said.getBytes(US_ASCII));
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            List<String> lines = new ArrayList<>();
            for (String line = in.readLine(); line != null && !line.equals("PONG"); line = in.readLine()) {
                lines.add(line);
            }
            return String.join("\n", lines);
        }
    }

    private static RawMessage next(BlockingQueue<RawMessage> received) throws InterruptedException {
        RawMessage message = received.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(message).as("a message").isNotNull();
        return message;
    }
}
