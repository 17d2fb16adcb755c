package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.RequestOptions;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ScriptedConnection;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * In the middle of a handover a server says that nobody listens, and may not have heard of those who do; or it breaks off.
 */
@NoLeaks
class RequestInHandoverIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(20);
    private static final RequestOptions OPTIONS = RequestOptions.timeout(TIMEOUT);

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();
    private ScriptedServer leaving;
    private ScriptedServer next;
    private NatsClient client;

    @BeforeEach
    void connect() {
        leaving = ScriptedServer.start(Step.serve());
        next = ScriptedServer.start(Step.serve());
        client = clients.connect(NatsOptions.builder()
                .servers(leaving.url(), next.url())
                .noRandomize(true)
                .listener(events)
                .connectTimeout(TIMEOUT)
                .standbyRefillJitter(SOON)
                .handoverJitter(Duration.ZERO)
                .overlap(TIMEOUT)); // The handover lasts as long as the test.
        Eventually.eventually("the standby", client::isHotSwapAvailable);
    }

    @AfterEach
    void close() {
        client.close();
        leaving.close();
        next.close();
    }

    private void startHandover() throws IOException {
        a().send("INFO {\"server_id\":\"A\",\"max_payload\":1048576,\"ldm\":true}\r\n");
        events.await(Kind.HANDOVER);
    }

    private ScriptedConnection a() {
        return leaving.connection(0);
    }

    private ScriptedConnection b() {
        return next.connection(0);
    }

    @Test
    void asksAgainAndTakesTheAnswer() throws IOException {
        startHandover();
        CompletableFuture<NatsMessage> reply = ask();
        String first = awaitAsked(b(), "none");

        sayThatNobodyListens(b(), first);
        String second = awaitAsked(b(), first);
        sayThatNobodyListens(b(), first);
        answer(b(), second, "yes");

        assertAnswered(reply, "yes");
        assertThat(b().lines()).filteredOn("quack"::equals).hasSize(2);
        assertThat(client.metrics().requestsRetried()).isEqualTo(1);
        assertThat(client.metrics().requestsResent()).isZero();
    }

    @Test
    void believesItTheSecondTime() throws IOException {
        startHandover();
        CompletableFuture<NatsMessage> reply = ask();
        String first = awaitAsked(b(), "none");
        sayThatNobodyListens(b(), first);
        sayThatNobodyListens(b(), awaitAsked(b(), first));

        assertFails(reply, NatsStatus.NO_RESPONDERS);
        client.publish("end", new byte[0]);
        b().awaitLine("^PUB end", TIMEOUT);
        assertThat(b().lines()).filteredOn("quack"::equals).hasSize(2);
    }

    @Test
    void asksTheNextServerWhatACallerThatWaitsHadAskedTheLeavingOne() throws IOException {
        CompletableFuture<NatsMessage> reply = clients.track(
                CompletableFuture.supplyAsync(() -> client.request("ask", "quack".getBytes(UTF_8), TIMEOUT)));
        String first = awaitAsked(a(), "none");
        startHandover();

        sayThatNobodyListens(a(), first);
        answer(b(), awaitAsked(b(), first), "yes");

        assertAnswered(reply, "yes");
        assertThat(b().lines()).filteredOn("quack"::equals).hasSize(1);
    }

    @Test
    void takesALateAnswerToTheFirstQuestion() throws IOException {
        startHandover();
        CompletableFuture<NatsMessage> reply = ask();
        String first = awaitAsked(b(), "none");
        sayThatNobodyListens(b(), first);
        String second = awaitAsked(b(), first);

        answer(a(), first, "late");

        assertAnswered(reply, "late");
        sayThatNobodyListens(b(), second);
        assertThat(client.metrics().pendingRequests()).isZero();
    }

    @Test
    void believesItAtOnceWhenNoServerIsLeaving() throws IOException {
        CompletableFuture<NatsMessage> reply = ask();

        sayThatNobodyListens(a(), awaitAsked(a(), "none"));

        assertFails(reply, NatsStatus.NO_RESPONDERS);
        assertThat(a().lines()).filteredOn("quack"::equals).hasSize(1);
    }

    @Test
    void whatALeavingServerTookAlongIsSentAgainOrFailsOrWaitsAsItWasTold() throws IOException {
        CompletableFuture<NatsMessage> waits = ask();
        String waitsAt = awaitAsked(a(), "none");
        CompletableFuture<NatsMessage> fails = ask(OPTIONS.failOnDisconnect());
        CompletableFuture<NatsMessage> sentAgain = ask(OPTIONS.idempotent());
        client.flush(TIMEOUT);
        startHandover();

        a().close();

        answer(b(), awaitAsked(b(), "none"), "again");
        assertAnswered(sentAgain, "again");
        assertFails(fails, NatsStatus.CONNECTION_CLOSED);
        assertThat(waits).isNotDone();
        answer(b(), waitsAt, "late");
        assertAnswered(waits, "late");
        assertThat(client.metrics().requestsResent()).isEqualTo(1);
    }

    @Test
    void whatALeavingServerDoesNotAnswerForIsSentAgain() throws IOException {
        try (ScriptedServer silent =
                        ScriptedServer.start(Step.handshake(), Step.expect("PING"), Step.send("PONG\r\n"));
                ScriptedServer serving = ScriptedServer.start(Step.serve());
                NatsClient asker = clients.connect(NatsOptions.builder()
                        .servers(silent.url(), serving.url())
                        .noRandomize(true)
                        .connectTimeout(Duration.ofSeconds(1))
                        .standbyRefillJitter(SOON)
                        .handoverJitter(Duration.ZERO)
                        .overlap(Duration.ZERO)
                        .drainTimeout(SOON)
                        .publishTimeout(SOON))) {
            Eventually.eventually("the standby", asker::isHotSwapAvailable);
            asker.publish("lost", new byte[0]);
            CompletableFuture<NatsMessage> reply =
                    clients.track(asker.requestAsync("ask", "quack".getBytes(UTF_8), OPTIONS.idempotent()));
            awaitAsked(silent.connection(0), "none");

            silent.connection(0).send("INFO {\"server_id\":\"A\",\"max_payload\":1048576,\"ldm\":true}\r\n");

            ScriptedConnection heir = serving.connection(0);
            answer(heir, awaitAsked(heir, "none"), "again");
            assertAnswered(reply, "again");
            assertThat(asker.metrics().publishesInDoubt()).isEqualTo(1);
        }
    }

    private CompletableFuture<NatsMessage> ask() {
        return ask(OPTIONS);
    }

    private CompletableFuture<NatsMessage> ask(RequestOptions options) {
        return clients.track(client.requestAsync("ask", "quack".getBytes(UTF_8), options));
    }

    private static void assertAnswered(CompletableFuture<NatsMessage> reply, String text) {
        assertThat(reply)
                .succeedsWithin(TIMEOUT)
                .extracting(NatsMessage::payload)
                .isEqualTo(text.getBytes(UTF_8));
    }

    private static void assertFails(CompletableFuture<NatsMessage> reply, NatsStatus status) {
        assertThat(reply)
                .failsWithin(TIMEOUT)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    /** The inbox of the question the server was asked that is not the known one. */
    private static String awaitAsked(ScriptedConnection server, String known) {
        return server.awaitLine("^PUB ask (?!" + known + " )", TIMEOUT).split(" ", -1)[2];
    }

    private static void sayThatNobodyListens(ScriptedConnection server, String inbox) throws IOException {
        server.send("HMSG " + inbox + " 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
    }

    private static void answer(ScriptedConnection server, String inbox, String text) throws IOException {
        server.send("MSG " + inbox + " 1 " + text.length() + "\r\n" + text + "\r\n");
    }
}
