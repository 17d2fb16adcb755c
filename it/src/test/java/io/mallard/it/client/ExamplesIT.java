package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mallard.examples.Connect;
import io.mallard.examples.QueueWorkers;
import io.mallard.examples.Reactive;
import io.mallard.examples.RequestReplyService;
import io.mallard.examples.SurvivingARollingUpgrade;
import io.mallard.examples.TlsWithCredentials;
import io.mallard.examples.VirtualThreads;
import io.mallard.examples.spring.SpringWiring;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Operator;
import io.mallard.it.support.RawMessage;
import io.mallard.it.support.RawNats;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say, started by the commands of EXAMPLES.md; judged by raw sockets and the servers' own account. */
@NoLeaks
class ExamplesIT {
    private static final Path LIST = Path.of("..", "core", "src", "main", "docs", "EXAMPLES.md");
    private static final List<Path> HOMES = List.of(
            Path.of("src", "main", "java", "io", "mallard", "examples"),
            Path.of("src", "test", "java", "io", "mallard", "examples", "spring"));
    private static final Pattern ROW = Pattern.compile("(?m)^\\| \\[(\\w+)]\\(([^)]+)\\) \\| [^|]+ \\| `([^`]+)` \\|$");

    private static NatsServer server;

    @TempDir
    Path directory;

    /** Which example a test is about. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    private @interface Of {
        Class<?> value();
    }

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    /** The commands of the table, by the name of their example. */
    private static Map<String, String> commands() throws IOException {
        Map<String, String> commands = new LinkedHashMap<>();
        for (Matcher row = ROW.matcher(Files.readString(LIST)); row.find(); ) {
            assertThat(LIST.resolveSibling(row.group(2)))
                    .hasFileName(row.group(1) + ".java")
                    .exists();
            commands.put(row.group(1), row.group(3));
        }
        return commands;
    }

    /** The command of the table, with other arguments. */
    private ExampleProcess start(Class<?> example, String... arguments) throws IOException {
        List<String> listed = List.of(commands().get(example.getSimpleName()).split(" "));
        List<String> command = new ArrayList<>(listed.subList(0, 4));
        assertThat(command).containsExactly("java", "-cp", "it/target/mallard-it.jar", example.getName());
        assertThat(listed.size() - command.size()).as("arguments").isEqualTo(arguments.length);
        command.addAll(List.of(arguments));
        return new ExampleProcess(command, Files.createTempFile(directory, "errors", ".txt"));
    }

    private List<String> run(Class<?> example, String... arguments) throws Exception {
        try (ExampleProcess process = start(example, arguments)) {
            List<String> lines = process.awaitEnd();
            assertThat(process.errors()).isEmpty();
            return lines;
        }
    }

    /** The connections of that name that a server has seen the end of. */
    private static List<JsonNode> ended(NatsServer server, String name) {
        return StreamSupport.stream(
                        server.monitoring("/connz?state=closed&auth=1")
                                .path("connections")
                                .spliterator(),
                        false)
                .filter(connection -> connection.path("name").asText().equals(name))
                .toList();
    }

    private static List<Long> numbers(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    @Test
    void eachExampleIsListedAndTested() throws IOException {
        List<String> there = new ArrayList<>();
        for (Path home : HOMES) {
            try (Stream<Path> files = Files.list(home)) {
                files.map(file -> file.getFileName().toString().replace(".java", ""))
                        .filter(name -> !name.equals("package-info"))
                        .forEach(there::add);
            }
        }
        assertThat(commands().keySet()).containsExactlyInAnyOrderElementsOf(there);
        assertThat(Arrays.stream(getClass().getDeclaredMethods())
                        .filter(method -> method.isAnnotationPresent(Of.class))
                        .peek(method -> assertThat(method.isAnnotationPresent(Test.class))
                                .isTrue())
                        .map(method -> method.getAnnotation(Of.class).value().getSimpleName())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(there);
    }

    @Test
    @Of(Connect.class)
    void connects() throws Exception {
        List<String> wire = new CopyOnWriteArrayList<>();
        try (RawNats judge = Peers.receiver(
                server, "greetings.*", (RawMessage message) -> wire.add(new String(message.payload(), UTF_8)))) {
            List<String> lines = run(Connect.class, server.url());

            judge.ping();
            List<String> greetings = numbers(5).stream().map(i -> "hello " + i).toList();
            assertThat(wire).isEqualTo(greetings);
            assertThat(lines)
                    .containsSubsequence(greetings.stream()
                            .map(greeting -> "received " + greeting + " on greetings.anna")
                            .toList())
                    .contains("published 5")
                    .endsWith("closed")
                    .hasSize(7);
        }
        assertThat(ended(server, "greeter")).singleElement().satisfies(connection -> {
            assertThat(connection.path("in_msgs").asInt()).isEqualTo(5);
            assertThat(connection.path("out_msgs").asInt()).isEqualTo(5);
        });
    }

    @Test
    @Of(RequestReplyService.class)
    void asksAndIsAnswered() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        List<String> answers = new CopyOnWriteArrayList<>();
        try (RawNats questions =
                        Peers.receiver(server, "price.*", (RawMessage message) -> asked.add(message.subject()));
                RawNats inboxes = Peers.receiver(
                        server,
                        "_INBOX.>",
                        (RawMessage message) -> answers.add(
                                new String(message.headers(), UTF_8) + new String(message.payload(), UTF_8)))) {
            List<String> lines = run(RequestReplyService.class, server.url());

            assertThat(lines)
                    .containsExactly(
                            "tea: 3.20",
                            "coffee: 4.10",
                            "gold: refused, no such product",
                            "nothing: no answer in time, it may have been executed",
                            "stock: nobody serves this");
            questions.ping();
            inboxes.ping();
            assertThat(asked).containsExactly("price.tea", "price.coffee", "price.gold", "price.nothing");
            assertThat(answers).containsExactly("3.20", "4.10", "NATS/1.0\r\nError: no such product\r\n\r\n");
        }
    }

    @Test
    @Of(QueueWorkers.class)
    void eachJobIsDoneOnceWhileWorkersStop() throws Exception {
        Numbers published = new Numbers();
        Numbers done = new Numbers();
        try (RawNats jobs = Peers.receiver(server, "jobs", published);
                RawNats results = Peers.receiver(server, "jobs.done", done)) {
            List<String> lines = run(QueueWorkers.class, server.url());

            jobs.ping();
            results.ping();
            int all = 8_000;
            assertThat(published.received()).isEqualTo(numbers(all));
            assertThat(done.count()).isEqualTo(all);
            assertThat(done.distinct()).isEqualTo(all);
            assertThat(lines).hasSize(4).endsWith("published 8000 jobs, 8000 were done, 8000 of them different");
            Pattern stopped = Pattern.compile("worker (\\d) has stopped after (\\d+) jobs");
            assertThat(lines.subList(0, 3))
                    .allMatch(line -> stopped.matcher(line).matches())
                    .extracting(line -> line.charAt("worker ".length()))
                    .containsExactly('1', '2', '3');
            assertThat(lines.subList(0, 3).stream()
                            .mapToInt(line ->
                                    Integer.parseInt(stopped.matcher(line).replaceAll("$2")))
                            .peek(jobsOfOne -> assertThat(jobsOfOne).isPositive())
                            .sum())
                    .isEqualTo(all);
        }
    }

    @Test
    @Of(SurvivingARollingUpgrade.class)
    void numbersGoOnWhileServersAreReplaced() throws Exception {
        NatsServerConfig config =
                NatsServerConfig.builder().lameDuckGrace(Scenario.GRACE).build();
        List<Numbers> seen = List.of(new Numbers(), new Numbers(), new Numbers());
        try (NatsCluster cluster = NatsCluster.start(3, config);
                RawNats first = Peers.receiver(cluster.server(0), "numbers", seen.get(0));
                RawNats second = Peers.receiver(cluster.server(1), "numbers", seen.get(1));
                RawNats third = Peers.receiver(cluster.server(2), "numbers", seen.get(2));
                ExampleProcess example =
                        start(SurvivingARollingUpgrade.class, cluster.urls().toArray(String[]::new))) {
            List<Integer> left = new ArrayList<>();
            for (int move = 0; move < 2; move++) {
                String url = example.awaitLine("publishing through .*", move).substring("publishing through ".length());
                int node = cluster.urls().indexOf(url);
                Numbers there = seen.get(node);
                int before = there.count();
                Eventually.eventually("traffic", () -> there.count() > before + 10);
                cluster.lameDuck(node);
                example.awaitLine("left " + url + ",.*", 0);
                cluster.server(node).awaitLog("(?i)entering lame duck mode", Scenario.TIMEOUT);
                if (move == 0) {
                    cluster.restart(node);
                }
                left.add(node);
            }
            List<String> lines = example.awaitEnd();
            cluster.kill(left.get(1)); // Or it would wait out its grace.

            int stayed = 3 - left.get(0) - left.get(1);
            List.of(first, second, third).get(stayed).ping();
            List<Long> all = seen.get(stayed).received();
            assertThat(all).isEqualTo(numbers(all.size())).hasSizeGreaterThan(20);
            assertThat(lines)
                    .endsWith("published " + all.size() + ", received " + all.size() + ", 0 out of turn")
                    .hasSize(8);
            for (int node : left) {
                String url = cluster.urls().get(node);
                assertThat(lines).contains(url + " is going to leave");
                assertThat(lines)
                        .anyMatch(line -> line.matches("left " + url
                                + ", new traffic moved within [\\d.]+ ms: each message once and in order"));
            }
        }
    }

    @Test
    @Of(TlsWithCredentials.class)
    void isLetInOrSaysWhyNot() throws Exception {
        Certificates certificates = new Certificates(directory)
                .authority("ca")
                .authority("other-ca")
                .issue("named", "ca", "dns:localhost");
        Operator operator = new Operator();
        String ca = certificates.pem("ca").toString();
        String otherCa = certificates.pem("other-ca").toString();
        String creds = credentials(operator, "duck");
        String ofAnother = credentials(new Operator(), "stranger");
        NatsServerConfig config = NatsServerConfig.builder()
                .authorization(operator)
                .tls(certificates.server("named"))
                .build();
        try (NatsServer secure = NatsServer.start(config)) {
            String byName = "tls://localhost:" + secure.port();
            String byAddress = "tls://127.0.0.1:" + secure.port();
            // One after the other: a handshake has a deadline, and these JVMs have just begun.
            assertThat(run(TlsWithCredentials.class, byName, ca, creds)).containsExactly("let in, and answered hello");
            assertThat(refusal("SSL_ERROR", byName, otherCa, creds)).contains("of no authority that is trusted here");
            assertThat(refusal("SSL_ERROR", byAddress, ca, creds)).contains("not for 127.0.0.1");
            assertThat(refusal("CONNECTION_AUTH_FAILED", byName, ca, ofAnother)).contains("Authorization Violation");
            assertThat(ended(secure, "mallard"))
                    .filteredOn(connection -> connection.path("in_msgs").asInt() > 0)
                    .singleElement()
                    .satisfies(connection -> {
                        assertThat(connection.path("in_msgs").asInt())
                                .as("a request and its answer")
                                .isEqualTo(2);
                        assertThat(connection.path("tls_version").asText()).isEqualTo("1.3");
                    });
        }
    }

    private String credentials(Operator operator, String user) throws IOException {
        return operator.user(user).writeTo(directory.resolve(user + ".creds")).toString();
    }

    /** What the example says of why it was not let in. */
    private String refusal(String status, String... arguments) throws Exception {
        List<String> lines = run(TlsWithCredentials.class, arguments);
        assertThat(lines).hasSize(2).startsWith("not let in: " + status);
        return lines.get(1);
    }

    @Test
    @Of(Reactive.class)
    void isHandedWhatItAsksFor() throws Exception {
        Numbers published = new Numbers();
        try (RawNats judge = Peers.receiver(server, "prices.tea", published)) {
            List<String> lines = run(Reactive.class, server.url());

            judge.ping();
            assertThat(published.received()).isEqualTo(numbers(50));
            assertThat(lines)
                    .containsExactly(
                            "10 taken, the last is 10",
                            "20 taken, the last is 20",
                            "30 taken, the last is 30",
                            "40 taken, the last is 40",
                            "50 taken, the last is 50",
                            "complete after 50");
        }
    }

    @Test
    @Of(VirtualThreads.class)
    void allRequestsWaitAtATime() throws Exception {
        Numbers asked = new Numbers();
        Numbers answered = new Numbers();
        try (RawNats questions = Peers.receiver(server, "squares", asked);
                RawNats inboxes = Peers.receiver(server, "_INBOX.>", answered)) {
            assertThat(run(VirtualThreads.class, server.url()))
                    .containsExactly("2000 requests waited at a time, 2000 were answered rightly");

            questions.ping();
            inboxes.ping();
            assertThat(asked.count()).isEqualTo(2_000);
            assertThat(asked.distinct()).isEqualTo(2_000);
            assertThat(answered.received())
                    .hasSize(2_000)
                    .containsAll(numbers(2_000).stream()
                            .map(number -> number * number)
                            .toList());
        }
    }

    @Test
    @Of(VirtualThreads.class)
    void noVirtualThreadIsPinned() throws Exception {
        assumeTrue(
                Runtime.version().feature() >= 21,
                "this JDK is " + Runtime.version() + ": virtual threads are there from 21 on; run it with -Djvm=…");
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        try {
            List<RecordedEvent> events = record(() -> VirtualThreads.run(threads, server.url()));
            assertThat(named(events, "jdk.VirtualThreadStart")).hasSizeGreaterThanOrEqualTo(2_000);
            assertThat(named(events, "jdk.VirtualThreadPinned")).isEmpty();

            List<RecordedEvent> control =
                    record(() -> threads.submit(() -> Pinning.PARKED).get());
            assertThat(named(control, "jdk.VirtualThreadPinned"))
                    .as("one that is")
                    .isNotEmpty();
        } finally {
            threads.shutdown();
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    /** A virtual thread that waits while its class is initialized keeps its carrier. */
    private static final class Pinning {
        static final boolean PARKED = parked();

        private static boolean parked() {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            return true;
        }
    }

    private List<RecordedEvent> record(Task task) throws Exception {
        Path recorded = Files.createTempFile(directory, "virtual", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.VirtualThreadStart");
            recording.enable("jdk.VirtualThreadPinned").withoutThreshold().withStackTrace();
            recording.start();
            task.run();
            recording.stop();
            recording.dump(recorded);
        }
        return RecordingFile.readAllEvents(recorded);
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    @Test
    @Of(SpringWiring.class)
    void isABeanOfAnApplication() throws Exception {
        Numbers orders = new Numbers();
        List<String> command = List.of(
                "java", "-cp", System.getProperty("java.class.path"), SpringWiring.class.getName(), server.url());
        assertThat(commands().get("SpringWiring")).contains("-Pspring");
        assertThat(Path.of("pom.xml"))
                .content()
                .contains("<mainClass>" + SpringWiring.class.getName() + "</mainClass>");
        try (RawNats judge = Peers.receiver(server, "orders", orders);
                ExampleProcess example = new ExampleProcess(command, directory.resolve("errors.txt"))) {
            List<String> lines = example.awaitEnd();

            judge.ping();
            assertThat(orders.received()).isEqualTo(numbers(3));
            assertThat(lines)
                    .containsSubsequence("took order 1", "took order 2", "took order 3")
                    .contains("natsLiveness: UP {}")
                    .contains("natsReadiness: UP {readiness=NO_STANDBY}")
                    .contains("mallard.messages.sent: 3.0")
                    .endsWith("drained and closed");
        }
        assertThat(ended(server, "orders"))
                .singleElement()
                .satisfies(connection ->
                        assertThat(connection.path("out_msgs").asInt()).isEqualTo(3));
    }
}
