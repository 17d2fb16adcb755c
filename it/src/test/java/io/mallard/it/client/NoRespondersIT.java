package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.ScriptedConnection;
import io.mallard.it.support.ScriptedServer;
import io.mallard.it.support.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** In the middle of a handover a server says that nobody listens: it may not have heard of those who do. */
@NoLeaks
class NoRespondersIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

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
                .standbyRefillJitter(Duration.ofMillis(20))
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

        assertThat(reply.join().payload()).isEqualTo("yes".getBytes(UTF_8));
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

        assertThatThrownBy(reply::join)
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_RESPONDERS));
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

        assertThat(reply.join().payload()).isEqualTo("yes".getBytes(UTF_8));
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

        assertThat(reply.join().payload()).isEqualTo("late".getBytes(UTF_8));
        sayThatNobodyListens(b(), second);
        assertThat(client.pendingRequestCount()).isZero();
    }

    @Test
    void believesItAtOnceWhenNoServerIsLeaving() throws IOException {
        CompletableFuture<NatsMessage> reply = ask();

        sayThatNobodyListens(a(), awaitAsked(a(), "none"));

        assertThatThrownBy(reply::join)
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_RESPONDERS));
        assertThat(a().lines()).filteredOn("quack"::equals).hasSize(1);
    }

    private CompletableFuture<NatsMessage> ask() {
        return clients.track(client.requestAsync("ask", "quack".getBytes(UTF_8), TIMEOUT));
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
