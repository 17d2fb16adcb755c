package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestBufferOptions;
import io.mallard.RequestOptions;
import io.mallard.internal.FakeMessage;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.route.Routes;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lines of CONTRACT J about requests that have to wait, each when it is true. */
class RequestBufferLogTest {
    private static final NatsMessage.Replier NOBODY = (subject, payload) -> {};
    private static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofSeconds(5));
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int MAX_PAYLOAD = 100;

    private final Logger logger = (Logger) org.slf4j.LoggerFactory.getLogger("io.mallard.NatsClient");
    private final Level usual = logger.getLevel();
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    private final Router router = new Router(Route.offline(OutboundBuffer.offline(1_000), MAX_PAYLOAD));
    private final Counters counters = new Counters();
    private final RequestTable table = new RequestTable(
            new Inbox("_INBOX", new Random(1)), new Resender(router, () -> false), counters, System.nanoTime());
    private final RequestBuffer buffer = new RequestBuffer(
            table,
            router,
            () -> {},
            counters,
            new EventLog(),
            Runnable::run,
            new RequestBufferOptions(2, RequestBufferOptions.DEFAULT_MAX_BYTES, RequestBufferOptions.DEFAULT_TIMEOUT));
    private final List<CompletableFuture<NatsMessage>> replies = new ArrayList<>();
    private boolean lameDuckMode;
    private final Requester requester = new Requester(
            table,
            buffer,
            router,
            new EventLoop("never-started", failure -> {}),
            Runnable::run,
            () -> lameDuckMode,
            new EventLog());

    RequestBufferLogTest() throws IOException {}

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void listenNoMore() {
        logger.setLevel(usual);
        logger.setAdditive(true);
        logger.detachAppender(appender);
    }

    @Test
    void aPeriodThatEndsWell() {
        ask("1");
        ask("2");
        reconnect();
        reply(1);
        assertThat(lines()).doesNotContain("INFO === REQUEST BUFFERING COMPLETE ===");
        reply(2);

        assertThat(lines())
                .containsExactly(
                        "INFO Started background request processing thread",
                        "INFO Request buffered: topic=echo, timeout=5000ms, queue_size=1",
                        "INFO Request buffered: topic=echo, timeout=5000ms, queue_size=2",
                        "INFO Background: Processing buffered requests...",
                        "INFO Processing 2 buffered requests via recovered primary connection",
                        "INFO Buffered request completed: topic=echo, latency=<n>ms",
                        "INFO Buffered request completed: topic=echo, latency=<n>ms",
                        "INFO === REQUEST BUFFERING COMPLETE ===",
                        "INFO All buffered requests processed successfully",
                        "INFO Background request processing thread terminated");
    }

    @Test
    void aRequestThatExpiresUnsentIsNoSuccess() {
        ask("1");
        table.expire(System.nanoTime() + LONG.toNanos());
        buffer.onTick(System.nanoTime());

        assertThat(lines())
                .endsWith(
                        "WARN Buffered request timed out - topic: echo, waited: <n>ms",
                        "INFO === REQUEST BUFFERING COMPLETE ===",
                        "INFO Background request processing thread terminated",
                        "WARN Removed 1 expired requests from buffer")
                .doesNotContain("INFO All buffered requests processed successfully");
    }

    @Test
    void aRequestRefusedMeanwhileIsNoSuccessAlthoughAllOthersAreAnswered() {
        ask("1");
        ask("2");
        ask("refused");
        reconnect();
        reply(1);
        reply(2);

        assertThat(lines())
                .contains("INFO === REQUEST BUFFERING COMPLETE ===")
                .doesNotContain("INFO All buffered requests processed successfully");
    }

    @Test
    void whatIsSentIsToldOfInEveryPeriodAlsoOnTheSameConnection() {
        ask("1");
        reconnect();
        reply(1);
        appender.list.clear();

        queueBehindTheConnection("2");
        buffer.onTick(System.nanoTime());

        assertThat(lines()).contains("INFO Background: Processing buffered requests...");
    }

    @Test
    void theNextPeriodBeginsWithoutTheFailuresOfTheLast() {
        ask("1");
        table.expire(System.nanoTime() + LONG.toNanos());
        appender.list.clear();

        ask("2");
        reconnect();
        reply(2);

        assertThat(lines()).contains("INFO All buffered requests processed successfully");
    }

    @Test
    void aFullBufferIsToldOfOnceUntilThereWasRoomAgain() {
        ask("1");
        ask("2");
        ask("refused");
        ask("refused");
        assertThat(replies.get(0).cancel(false)).isTrue();
        ask("3");
        ask("refused");

        assertThat(lines())
                .filteredOn(line -> line.contains("full"))
                .containsExactly(
                        "WARN Request buffer full (2 requests) - rejecting new request",
                        "WARN Request buffer full (2 requests) - rejecting new request");
        assertThat(counters.requestBufferOverflows).hasValue(3);
    }

    @Test
    void theEndOfTheClientFailsThoseThatWait() {
        ask("1");

        router.moveTo(Route.closed());
        table.failAll(NatsStatus.CONNECTION_CLOSED, "closed");

        assertThat(lines())
                .endsWith(
                        "WARN Buffered request failed - no available connections - topic: echo",
                        "INFO === REQUEST BUFFERING COMPLETE ===",
                        "INFO Background request processing thread terminated");
    }

    @Test
    void inLameDuckModeAFullConnectionFallsBackToBuffering() {
        logger.setLevel(Level.DEBUG);
        lameDuckMode = true;
        OutboundBuffer full = OutboundBuffer.ofConnection(1);
        full.publish("a", null, null, new byte[0], 0, 0, "PUB a 0\r\n\r\n".length());
        router.moveTo(Routes.stalled(full, MAX_PAYLOAD));
        ask("1");
        router.moveTo(Routes.stalled(OutboundBuffer.ofConnection(1_000), MAX_PAYLOAD));
        buffer.onTick(System.nanoTime());
        reply(1);

        assertThat(lines())
                .containsExactly(
                        "DEBUG Request during lame duck mode - topic: echo, timeout: 5000ms",
                        "DEBUG Routing request via hot-swap client",
                        "WARN Hot-swap request failed: Insufficient Buffer - falling back to buffering",
                        "INFO Falling back to request buffering mode",
                        "INFO Lame duck mode flag set - buffering new operations",
                        "INFO Started background request processing thread",
                        "DEBUG Buffering request during lame duck mode - topic: echo",
                        "INFO Request buffered: topic=echo, timeout=5000ms, queue_size=1",
                        "DEBUG Request queued - topic: echo, queue_depth: 1, timeout: 5000ms",
                        "INFO Background: Processing buffered requests...",
                        "DEBUG Processing buffered request via hot-swap - topic: echo",
                        "INFO Buffered request completed: topic=echo, latency=<n>ms",
                        "DEBUG Buffered request completed via hot-swap - topic: echo",
                        "INFO === REQUEST BUFFERING COMPLETE ===",
                        "INFO All buffered requests processed successfully",
                        "INFO Background request processing thread terminated");
    }

    @Test
    void inLameDuckModeARequestThatNeedNotWaitIsDetail() {
        logger.setLevel(Level.DEBUG);
        lameDuckMode = true;
        router.moveTo(Routes.stalled(OutboundBuffer.ofConnection(1_000), MAX_PAYLOAD));
        ask("1");
        reply(1);

        assertThat(lines())
                .containsExactly(
                        "DEBUG Request during lame duck mode - topic: echo, timeout: 5000ms",
                        "DEBUG Routing request via hot-swap client",
                        "DEBUG Hot-swap request completed successfully (<n>ms)");
    }

    private void ask(String payload) {
        replies.add(requester.requestAsync("echo", payload.getBytes(US_ASCII), OPTIONS));
    }

    /** A request that finds no room, which has come by the time the loop looks. */
    private void queueBehindTheConnection(String payload) {
        PendingRequest request = new AsyncRequest(
                "echo",
                null,
                OPTIONS,
                null,
                OPTIONS.timeout().toNanos(),
                System.nanoTime(),
                table::remove,
                Runnable::run);
        table.add(request);
        assertThat(buffer.add(request, payload.getBytes(US_ASCII), 100, false, System.nanoTime()))
                .isTrue();
    }

    private void reconnect() {
        counters.reconnects.incrementAndGet();
        router.moveTo(Routes.stalled(OutboundBuffer.ofConnection(1_000), MAX_PAYLOAD));
        buffer.onTick(System.nanoTime());
    }

    private void reply(long number) {
        String inbox = new String(table.inbox().prefix(), US_ASCII);
        table.onReply(new FakeMessage(Inbox.SID, inbox + 2 * number, "yes"), NOBODY);
    }

    /** Each with its level in front, without what depends on the clock. */
    private List<String> lines() {
        return appender.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .map(line -> line.replaceFirst("(latency=|waited: |\\()[0-9.]+ms", "$1<n>ms"))
                .collect(Collectors.toList());
    }
}
