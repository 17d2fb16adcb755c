package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.it.Documents;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Operator;
import io.mallard.it.support.RawNats;
import io.mallard.it.support.ServerTls;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The samples of the README and its chapters that are whole classes compile, and do what they say. */
@NoLeaks
class ReadmeSamplesIT {
    private static final Pattern WHOLE_CLASS =
            Pattern.compile("(?s)```java\n(import [^`]*?\n(?:public )?class (\\w+) \\{[^`]*?)```");
    /** Longer than it takes to make a standby. */
    private static final Duration LONG_OVERLAP = Duration.ofSeconds(2);

    private static final byte[] PAYLOAD = new byte[100];

    @RegisterExtension
    final Clients clients = new Clients();

    @TempDir
    Path directory;

    @BeforeEach
    void compile() throws Exception {
        List<Path> sources = new ArrayList<>();
        for (Path document : Documents.forUsers()) {
            for (Matcher sample = WHOLE_CLASS.matcher(Files.readString(document)); sample.find(); ) {
                sources.add(Files.writeString(directory.resolve(sample.group(2) + ".java"), sample.group(1)));
            }
        }
        assertThat(sources)
                .extracting(source -> source.getFileName().toString())
                .containsExactly(
                        "Hello.java",
                        "Orders.java",
                        "Login.java",
                        "Rooms.java",
                        "Traced.java",
                        "Survey.java",
                        "StatusCheck.java",
                        "Errors.java",
                        "Metered.java",
                        "Secure.java");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            String classPath = home(NatsClient.class) + File.pathSeparator + home(LoggerFactory.class);
            boolean compiled = compiler.getTask(
                            said,
                            files,
                            null,
                            List.of("-Xlint:all", "-Werror", "-cp", classPath, "-d", directory.toString()),
                            null,
                            files.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertThat(compiled).as("javac said: %s", said).isTrue();
        }
    }

    private static String home(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private Object call(String sample, String method, Object... arguments) throws Exception {
        URL[] compiled = {directory.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(compiled, getClass().getClassLoader())) {
            Method found = Arrays.stream(loader.loadClass(sample).getDeclaredMethods())
                    .filter(candidate -> candidate.getName().equals(method))
                    .findFirst()
                    .orElseThrow();
            found.setAccessible(true);
            return found.invoke(null, arguments);
        }
    }

    @Test
    void headersComeBackWithTheAnswer() throws Exception {
        try (Scenario scenario = new Scenario(clients, 1)) {
            NatsClient client = scenario.connectSoon(scenario.options());
            call("Traced", "serve", client);

            assertThat(call("Traced", "ask", client, "7f3a")).isEqualTo("7f3a: [text, json]");
        }
    }

    @Test
    void ordersAreTakenUpToTheHundredthAndTheEndIsClean() throws Exception {
        try (Scenario scenario = new Scenario(clients, 1)) {
            NatsClient client = scenario.connectSoon(scenario.options());
            AtomicInteger answered = new AtomicInteger();
            RawNats peer = scenario.socket(0, message -> answered.incrementAndGet());
            peer.subscribe("answers", 1);
            peer.ping();
            CompletableFuture<Object> taken = clients.track(CompletableFuture.supplyAsync(() -> {
                try {
                    return call("Orders", "take", client, Duration.ofSeconds(5));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
            Eventually.eventually("interest", () -> scenario.hasSubscription(0, "order.*"));
            for (int i = 0; i < 100; i++) {
                peer.publish("order.new", "answers", PAYLOAD);
            }
            peer.ping();

            assertThat((Integer) taken.get(10, TimeUnit.SECONDS)).isEqualTo(100);
            call("Orders", "end", client);
            peer.ping();
            assertThat(answered).hasValue(100);
        }
    }

    @Test
    void roomsAreJoinedAndWhatIsNotThereIsTold() throws Exception {
        try (Scenario scenario = new Scenario(clients, 1)) {
            NatsClient client = scenario.connectSoon(scenario.options());
            assertThat(call("Rooms", "join", client, "join", "anna")).isEqualTo("PIT-500, it is no use");
            try (AutoCloseable server = (AutoCloseable) call("Rooms", "serve", client)) {
                assertThat(server).isNotNull();
                assertThat(call("Rooms", "join", client, "join", "anna")).isEqualTo("welcome, anna");
                assertThat(call("Rooms", "join", client, "leave", "anna")).isEqualTo("PIT-404, it is no use");
            }
        }
    }

    private List<String> statusOf(NatsClient client) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        call("StatusCheck", "print", client, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void theStatusCheckTellsOfAStandbyThatIsReady() throws Exception {
        try (Scenario scenario = new Scenario(clients, 3)) {
            NatsClient client = scenario.connect(scenario.options().overlap(LONG_OVERLAP));
            assertThat(statusOf(client)).isEmpty();

            scenario.lameDuck(0);
            scenario.events.await(Kind.HANDOVER);
            Eventually.eventually("the next standby", client::isHotSwapAvailable);

            assertThat(statusOf(client))
                    .containsExactly(
                            "Client is in lame duck mode",
                            "Hot-swap client is available - zero downtime active",
                            "Hot-swap client ready for direct operations",
                            "Buffered requests: 0");
        }
    }

    @Test
    void theStatusCheckTellsThatNothingStandsBy() throws Exception {
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connectSoon(scenario.options().standbys(0));
            NatsServer other = scenario.cluster.server(1);
            other.pause();

            scenario.lameDuck(0);
            scenario.events.await(Kind.LAME_DUCK);

            assertThat(statusOf(client))
                    .containsExactly(
                            "Client is in lame duck mode",
                            "Hot-swap client unavailable - using request buffering",
                            "Buffered requests: 0");
            other.resume();
        }
    }

    @Test
    void whoeverIsInTheFileOrKnowsThePasswordIsLetIn() throws Exception {
        Operator operator = new Operator();
        Path creds = operator.user("duck").writeTo(directory.resolve("duck.creds"));
        Supplier<String> password = () -> "s3cret";
        try (NatsServer byJwt = NatsServer.start(
                        NatsServerConfig.builder().authorization(operator).build());
                NatsServer byPassword = NatsServer.start(
                        NatsServerConfig.builder().user("duck", "s3cret").build());
                NatsClient one = (NatsClient) call("Login", "withFile", byJwt.url(), creds);
                NatsClient other = (NatsClient) call("Login", "withPassword", byPassword.url(), "duck", password)) {
            one.flush(Scenario.TIMEOUT);
            other.flush(Scenario.TIMEOUT);
        }
    }

    @Test
    void theSecureClientTrustsAndIsTrusted() throws Exception {
        Certificates certificates = new Certificates(directory)
                .authority("ca")
                .issue("server", "ca", "dns:localhost")
                .issue("client", "ca", "dns:client");
        ServerTls tls = certificates.server("server").withClientAuthority(certificates.pem("ca"));
        try (NatsServer server =
                        NatsServer.start(NatsServerConfig.builder().tls(tls).build());
                NatsClient client = (NatsClient) call(
                        "Secure",
                        "connect",
                        "tls://localhost:" + server.port(),
                        certificates.trust("ca"),
                        certificates.identity("client"),
                        Certificates.PASSWORD)) {
            client.flush(Scenario.TIMEOUT);

            assertThat(server.monitoring("/connz").path("connections").path(0).path("tls_version"))
                    .hasToString("\"1.3\"");
        }
    }

    @Test
    void theCallerOfAServiceIsToldWhatWentWrong() throws Exception {
        try (Scenario scenario = new Scenario(clients, 1)) {
            NatsClient client = scenario.connectSoon(
                    scenario.options().reconnectBufferSize(0).requestBufferMaxBytes(PAYLOAD.length));
            client.subscribe("r.echo", message -> message.respond(message.payload()));
            client.subscribe("r.silent", message -> {});

            assertThat(call("Errors", "call", client, "r.echo", "yes".getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo("yes");
            assertThat(call("Errors", "call", client, "r.silent", PAYLOAD)).isEqualTo("nats timeout - sending request");
            assertThat(call("Errors", "call", client, "r.nobody", PAYLOAD))
                    .isEqualTo("nats error - No responders available for request");
            scenario.cluster.kill(0);
            scenario.events.await(Kind.DISCONNECTED);
            assertThat(call("Errors", "call", client, "r.echo", PAYLOAD))
                    .isEqualTo("service temporarily unavailable - buffer full");
        }
    }

    @Test
    void aServiceWhoseAnswerFindsNoRoomSaysSo() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("readme-sample");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        logger.addAppender(logged);
        try (Scenario scenario = new Scenario(clients, 1)) {
            NatsClient client = scenario.connectSoon(scenario.options().reconnectBufferSize(0));
            CompletableFuture<NatsMessage> asked = new CompletableFuture<>();
            client.subscribe("r.service", asked::complete);
            client.publish("r.service", "r.reply", PAYLOAD);
            NatsMessage request = asked.get(Scenario.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            call("Errors", "answer", request, PAYLOAD, logger);
            assertThat(logged.list).isEmpty();

            scenario.cluster.kill(0);
            scenario.events.await(Kind.DISCONNECTED);
            call("Errors", "answer", request, PAYLOAD, logger);

            assertThat(logged.list)
                    .extracting(ILoggingEvent::toString)
                    .containsExactly("[WARN] Failed to publish RPC response - buffer full during lame duck mode");
        } finally {
            logger.detachAppender(logged);
        }
    }
}
