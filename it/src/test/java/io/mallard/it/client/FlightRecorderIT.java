package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a client tells the Flight Recorder is read back from its file. */
@NoLeaks
class FlightRecorderIT {
    @RegisterExtension
    final Clients clients = new Clients();

    @TempDir
    Path directory;

    private final Recording recording = new Recording();

    @BeforeEach
    void start() {
        recording.start();
    }

    @AfterEach
    void close() {
        recording.close();
    }

    private List<RecordedEvent> recorded(String name) throws IOException {
        Path file = directory.resolve(name + ".jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    @Test
    void aHandoverWithItsLedger() throws Exception {
        try (Scenario scenario = new Scenario(clients, 2)) {
            NatsClient client = scenario.connect();
            client.subscribe("f", message -> {});

            HandoverReport report = scenario.leave(0, client);

            RecordedEvent event = only(recorded("mallard.Handover"));
            assertThat(event.getString("reason")).isEqualTo("LAME_DUCK");
            assertThat(event.getDuration("swap")).isEqualTo(Duration.ofNanos(report.swapNs()));
            assertHasAllOf(report, event);
            assertHasAllOf(report.cost(), event);
            assertThat(event.getString("client")).isEqualTo("mallard");
            assertThat(event.getBoolean("withoutLoss")).isTrue();
            assertThat(event.getBoolean("exact")).isTrue();
            assertThat(event.getLong("publishesInDoubt")).isZero();
            assertThat(recorded("mallard.Connect"))
                    .extracting(attempt -> attempt.getString("server"), attempt -> attempt.getString("failure"))
                    .hasSizeGreaterThanOrEqualTo(2)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void anOutageWithWhatItLeftInDoubtAndWhatHadToWait() throws Exception {
        try (SoleServer only = new SoleServer();
                ClientLog log = ClientLog.open();
                NatsClient client = clients.connect(NatsOptions.builder()
                        .servers(only.url())
                        .standbys(0)
                        .reconnectFirstDelay(Duration.ofMillis(50))
                        .reconnectMaxDelay(Duration.ofMillis(50)))) {
            client.flush(Scenario.TIMEOUT); // Until the first answer nothing leaves.
            only.server.pause();
            client.publish("f", new byte[10]);
            Eventually.eventually("it in the socket", () -> client.metrics().messagesSent() == 1);
            only.die();
            Eventually.eventually("the loss", () -> client.connectedUrl().isEmpty());
            CompletableFuture<NatsMessage> waiting =
                    clients.track(client.requestAsync("f.request", new byte[0], Duration.ofMillis(100)));
            Eventually.eventually("its deadline", waiting::isDone);
            Eventually.eventually(
                    "a failed attempt",
                    () -> log.lines("WARN").stream()
                            .anyMatch(line -> line.startsWith("WARN No server could be connected to: ")));

            RecordedEvent inDoubt = only(recorded("mallard.InDoubt"));
            assertThat(inDoubt.getString("server")).isEqualTo(only.url());
            assertThat(inDoubt.getLong("publishes")).isEqualTo(1);
            RecordedEvent buffered = only(recorded("mallard.BufferedRequest"));
            assertThat(buffered.getString("subject")).isEqualTo("f.request");
            assertThat(buffered.getString("ending")).isEqualTo("EXPIRED");
            assertThat(buffered.getBoolean("sent")).isFalse();
            assertThat(buffered.getDuration("took")).isGreaterThanOrEqualTo(Duration.ofMillis(90));
            assertThat(recorded("mallard.Connect"))
                    .filteredOn(attempt -> attempt.getString("failure") != null)
                    .isNotEmpty();
        }
    }

    @Test
    void aHandlerThatIsTooSlowAndALoopThatIsKeptBusy() throws Exception {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(server.url()).maxPendingMessages(1))) {
            CountDownLatch goOn = new CountDownLatch(1);
            client.subscribe("f.slow", message -> {
                try {
                    goOn.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            for (int i = 0; i < 10; i++) {
                client.publish("f.slow", new byte[0]);
            }
            Eventually.eventually("all of them", () -> client.metrics().messagesReceived() == 10);
            Eventually.eventually("dropped ones", () -> client.metrics().messagesDropped() > 0);
            goOn.countDown();

            assertThat(only(recorded("mallard.SlowConsumer")).getString("subject"))
                    .isEqualTo("f.slow");
            assertThat(client.metrics().slowConsumers()).isEqualTo(1);
        }
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(server.url()).name("busy").executor(Runnable::run))) {
            client.subscribe(
                    "f.busy",
                    message -> LockSupport.parkNanos(Duration.ofMillis(30).toNanos()));
            client.publish("f.busy", new byte[0]);
            Eventually.eventually("a long turn", () -> client.metrics().longLoopTurns() > 0);

            assertThat(recorded("mallard.LongLoopTurn")).anySatisfy(turn -> {
                assertThat(turn.getString("client")).isEqualTo("busy");
                assertThat(turn.getDuration("took")).isGreaterThanOrEqualTo(Duration.ofMillis(10));
            });
        }
    }

    /** What a client rehearses is no business of anybody. */
    @Test
    void nothingOfTheRehearsal() throws Exception {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(NatsOptions.builder().servers(server.url()))) {
            assertThat(client.connectedUrl()).isPresent();
            assertThat(recorded("mallard.Connect"))
                    .extracting(attempt -> attempt.getString("server"))
                    .contains(server.url())
                    .allMatch(url -> url.startsWith("nats://127.0.0.1:"));
            assertThat(recorded("mallard.Handover")).isEmpty();
        }
    }

    /** Nothing of the ledger is left out: what is added to it later, neither. */
    private static void assertHasAllOf(Record ledger, RecordedEvent event) throws ReflectiveOperationException {
        for (RecordComponent component : ledger.getClass().getRecordComponents()) {
            Object value = component.getAccessor().invoke(ledger);
            if (!(value instanceof Record)) {
                String field = component.getName().equals("totalNs")
                        ? "took"
                        : component.getName().replaceFirst("(Ns|Url)$", "");
                assertThat(event.hasField(field)).as(field).isTrue();
                assertThat(event.<Object>getValue(field))
                        .as(field)
                        .isEqualTo(value instanceof Enum<?> constant ? constant.name() : value);
            }
        }
    }

    private static RecordedEvent only(List<RecordedEvent> events) {
        assertThat(events).hasSize(1);
        return events.get(0);
    }
}
