package io.mallard.internal.observe;

import io.mallard.HandoverCost;
import io.mallard.HandoverReport;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;

/**
 * Every log line of a client in one place, and every event of the JDK's Flight Recorder. Lines that quote CONTRACT J are worded as
 * there, because operators search for them.
 *
 * <p>Threading: safe from any thread.
 */
public final class EventLog {
    /** Of a server's own words: as much as tells what it is. */
    private static final int LONGEST_ERROR = 1_000;

    private final LineLimit serverErrors = new LineLimit();
    private final LineLimit missedEvents = new LineLimit();
    private final String name;
    private final ILoggerFactory loggers;
    private final Logger log;
    /** Null if nothing is recorded. */
    private final @Nullable String client;

    /** @param client as the Flight Recorder is told it */
    public EventLog(String name, String client) {
        this(name, LoggerFactory.getILoggerFactory(), client);
    }

    private EventLog(String name, ILoggerFactory loggers, @Nullable String client) {
        this.name = name;
        this.loggers = loggers;
        this.log = loggers.getLogger(name);
        this.client = client;
    }

    /** Under the default name. */
    public EventLog() {
        this(NatsOptions.DEFAULT_LOGGER_NAME, "mallard");
    }

    /** Says nothing. */
    public static EventLog silent() {
        return new EventLog(NatsOptions.DEFAULT_LOGGER_NAME, new NOPLoggerFactory(), null);
    }

    private void record(FlightEvents.OfClient event, Runnable details) {
        if (client != null && event.shouldCommit()) {
            event.client = client;
            details.run();
            event.commit();
        }
    }

    public void notRehearsed(Throwable why) {
        log.debug("The first handover will take longer: it could not be rehearsed", why);
    }

    /** Every option that is set, as it takes effect: one event, so that the lines of two clients stay apart. */
    public void starting(Map<String, String> options) {
        String lines = options.entrySet().stream()
                .map(option -> "\n  " + option.getKey() + " - " + option.getValue())
                .collect(Collectors.joining());
        log.info("Starting with the options{}", lines);
    }

    public void connected(String url) {
        log.info("Connected to: {}", url);
    }

    /** J26: a connection stands by, the client's {@code number}th. */
    public void standsBy(int number, String url) {
        ofStandby(number).debug("Stands by: {}", url);
    }

    /** J26: it does so no more, because it takes over or is gone. */
    public void standsByNoMore(int number, String url, boolean takesOver) {
        ofStandby(number).debug(takesOver ? "Takes over: {}" : "Gone: {}", url);
    }

    private Logger ofStandby(int number) {
        return loggers.getLogger(name + "_hotswap_" + number);
    }

    /** J1, J2. */
    public void lameDuckDetected(String url) {
        log.info("=== LAME DUCK MODE DETECTED ===");
        log.info("Server: {}", url);
    }

    /** J3 to J7: a standby takes over. */
    public void hotSwapCreated(String url, long creationNs) {
        log.info("Creating hot-swap client for zero-downtime failover...");
        log.info("Hot-swap client created successfully ({}ms)", milliseconds(creationNs));
        log.info("Hot-swap client connected to: {}", url);
        log.info("Zero downtime active - routing new operations to hot-swap client");
        log.info("Lame duck mode handling initiated - hot-swap active");
    }

    /** J13 and J27: there is nothing to take over. */
    public void hotSwapFailed(String reason) {
        log.error("Failed to create hot-swap client: {}", reason);
        log.error("Hot-swap client failed: {}", reason);
    }

    /** J13: the first request has to wait. */
    public void fallingBackToBuffering() {
        log.info("Falling back to request buffering mode");
        log.info("Lame duck mode flag set - buffering new operations");
    }

    public void subscribeSkipped() {
        log.warn("Attempting to subscribe during lame duck mode - operation skipped");
    }

    /** J8. */
    public void cleanupStarted() {
        log.info("Background: Starting primary connection cleanup...");
    }

    /** J8: the leaving server is told to deliver no more. */
    public void drainStarted() {
        log.info("Background: Draining primary connection subscriptions...");
        log.info("Background: Successfully initiated subscription drain");
    }

    /** J8. */
    public void drainEnded(boolean inTime) {
        if (inTime) {
            log.info("Background: Subscription drain completed successfully");
        } else {
            log.warn("Subscription drain timeout or failed: the leaving server has not answered in time");
        }
    }

    /** J8: what was published on the leaving connection is waited for. */
    public void flushStarted() {
        log.info("Background: Flushing pending messages...");
    }

    /** J8. */
    public void flushEnded(boolean inTime) {
        if (inTime) {
            log.info("Background: Successfully flushed pending messages");
        } else {
            log.warn("Flush failed: the leaving server has not answered in time");
        }
    }

    /**
     * J8 to J12, and J16 if the ledger allows it.
     *
     * @param flagReset whether no other server is being left
     * @param reconnected whether the leaving server was gone before there was another connection
     */
    public void lameDuckComplete(HandoverReport report, boolean flagReset, boolean reconnected) {
        if (!reconnected) {
            log.info("Background: Initiating primary connection reconnection...");
            log.info("Primary connection reconnected to: {}", report.toUrl());
            log.info("Consolidating connections - primary connection recovered");
        }
        if (flagReset) {
            log.info(
                    "Lame duck mode flag reset after successful {}",
                    reconnected ? "reconnection" : "hot-swap transition");
        }
        if (!report.isWithoutLoss()) {
            log.info("=== LAME DUCK MODE HANDLING COMPLETE ===");
            return;
        }
        log.info("=== ZERO-DOWNTIME LAME DUCK HANDLING COMPLETE ===");
        log.info("Hot-swap performance metrics:");
        log.info("  - Creation time: {}ms", milliseconds(report.swapNs()));
        HandoverCost cost = report.cost();
        if (cost.firstRequestOverheadNs() != HandoverCost.UNKNOWN_NS) {
            log.info(
                    "  - First request latency: {}ms additional overhead", milliseconds(cost.firstRequestOverheadNs()));
        }
        log.info("  - Total requests via hot-swap: {}", String.format(Locale.ROOT, "%,d", cost.requestsAnswered()));
        if (cost.meanRequestOverheadNs() != HandoverCost.UNKNOWN_NS) {
            log.info("  - Average hot-swap latency: {}ms overhead", milliseconds(cost.meanRequestOverheadNs()));
        }
        log.info("  - Zero message loss achieved");
    }

    private static String milliseconds(long ns) {
        return String.format(Locale.ROOT, "%.1f", ns / 1e6);
    }

    public void retired(String url) {
        log.info("Left {}: everything sent to it is processed or has moved", url);
    }

    /** The ledger. */
    public void handoverComplete(HandoverReport report) {
        log.info("{}", report);
        FlightEvents.Handover event = new FlightEvents.Handover();
        record(event, () -> event.set(report));
    }

    public void fenceForbidden(String url, String text) {
        log.debug("{} does not let the client publish to its inbox, so the overlap goes by time alone: {}", url, text);
    }

    public void disconnected(String url, Throwable cause, long publishesInDoubt) {
        log.warn("Connection to {} lost, {} publishes in doubt: {}", url, publishesInDoubt, cause.toString());
        recordInDoubt(url, publishesInDoubt);
    }

    private void recordInDoubt(String url, long publishes) {
        if (publishes > 0) {
            FlightEvents.InDoubt event = new FlightEvents.InDoubt();
            record(event, () -> event.set(url, publishes));
        }
    }

    public void publishesResent(String url, long publishes) {
        log.info("{} publishes sent to {} are sent again: it has not answered that they are safe", publishes, url);
    }

    public void reconnected(String url) {
        log.info("Primary connection reconnected to: {}", url);
    }

    /** One of those below, or one that has succeeded. */
    public void attemptEnded(String server, long tookNs, @Nullable String failure) {
        FlightEvents.Connect event = new FlightEvents.Connect();
        record(event, () -> event.set(server, tookNs, failure));
    }

    public void attemptsFailed(String attempts, boolean trafficWaits) {
        if (trafficWaits) {
            log.warn("No server could be connected to: {}", attempts);
        } else {
            log.debug("No standby could be made: {}", attempts);
        }
    }

    public void credentialsExpire(Throwable noOthers) {
        log.warn("{}", String.valueOf(noOthers.getMessage()));
    }

    public void delayUseless(Throwable why) {
        log.warn("{}", String.valueOf(why.getMessage()));
    }

    public void gaveUp(Throwable why) {
        log.error("{}", String.valueOf(why.getMessage()));
    }

    /** Whether single requests are told of. */
    public boolean isDetailed() {
        return log.isDebugEnabled();
    }

    /** J17. */
    public void requestInLameDuckMode(String subject, long timeoutMs) {
        log.debug("Request during lame duck mode - topic: {}, timeout: {}ms", subject, timeoutMs);
    }

    /** J17. */
    public void requestViaHotSwap() {
        log.debug("Routing request via hot-swap client");
    }

    /** J17. */
    public void hotSwapRequestCompleted(long tookNs) {
        log.debug("Hot-swap request completed successfully ({}ms)", milliseconds(tookNs));
    }

    /** J17. */
    public void hotSwapRequestFailed(NatsStatus status) {
        log.warn("Hot-swap request failed: {} - falling back to buffering", status.text());
    }

    /** J14. */
    public void bufferingInLameDuckMode(String subject) {
        log.debug("Buffering request during lame duck mode - topic: {}", subject);
    }

    /** J18: the first request of a period has to wait. */
    public void bufferingBegins() {
        log.info("Started background request processing thread");
    }

    /** J14, J18. */
    public void requestBuffered(String subject, long timeoutMs, int depth) {
        log.info("Request buffered: topic={}, timeout={}ms, queue_size={}", subject, timeoutMs, depth);
        log.debug("Request queued - topic: {}, queue_depth: {}, timeout: {}ms", subject, depth, timeoutMs);
    }

    /** J18. */
    public void requestBufferFull(int depth) {
        log.warn("Request buffer full ({} requests) - rejecting new request", depth);
    }

    /** J15. */
    public void sendingBufferedRequests(int requests, boolean recovered) {
        log.info("Background: Processing buffered requests...");
        if (recovered) {
            log.info("Processing {} buffered requests via recovered primary connection", requests);
        }
    }

    /** J18. */
    public void sendingBufferedRequest(String subject, boolean hotSwap) {
        log.debug(
                hotSwap
                        ? "Processing buffered request via hot-swap - topic: {}"
                        : "Processing buffered request via primary connection - topic: {}",
                subject);
    }

    /** J15, J18. */
    public void bufferedRequestCompleted(String subject, long tookMs, boolean hotSwap) {
        log.info("Buffered request completed: topic={}, latency={}ms", subject, tookMs);
        log.debug(
                hotSwap
                        ? "Buffered request completed via hot-swap - topic: {}"
                        : "Buffered request completed via primary - topic: {}",
                subject);
    }

    /** J18. */
    public void bufferedRequestTimedOut(String subject, long waitedMs) {
        log.warn("Buffered request timed out - topic: {}, waited: {}ms", subject, waitedMs);
    }

    /** J18. */
    public void expiredRequestsRemoved(int requests) {
        log.warn("Removed {} expired requests from buffer", requests);
    }

    /** J18. */
    public void bufferedRequestFailed(String subject) {
        log.warn("Buffered request failed - no available connections - topic: {}", subject);
    }

    /** Whatever has ended it. */
    public void bufferedRequestEnded(String subject, String how, boolean sent, long tookNs) {
        FlightEvents.BufferedRequest event = new FlightEvents.BufferedRequest();
        record(event, () -> event.set(subject, how, sent, tookNs));
    }

    /** J15, J18: the last request of a period has ended. */
    public void bufferingComplete(boolean allAnswered) {
        log.info("=== REQUEST BUFFERING COMPLETE ===");
        if (allAnswered) {
            log.info("All buffered requests processed successfully");
        }
        log.info("Background request processing thread terminated");
    }

    /** J19. */
    public void reconnectBufferFull() {
        log.warn("NATS reconnection buffer full during lame duck mode - message dropped."
                + " The application should handle this as a non-retryable error");
    }

    public void serverError(String url, String text) {
        long leftOut = serverErrors.admit(System.nanoTime());
        if (leftOut != LineLimit.LEFT_OUT) {
            log.warn("Error from {}: {}{}", url, shortened(text), leftOut == 0 ? "" : notLogged(leftOut));
        }
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_ERROR ? text : text.substring(0, LONGEST_ERROR) + "…";
    }

    private static String notLogged(long lines) {
        return " (" + lines + " before it are not logged)";
    }

    public void slowConsumer(Object subscription, String subject) {
        log.warn("Slow consumer, messages are dropped: {}", subscription);
        FlightEvents.SlowConsumer event = new FlightEvents.SlowConsumer();
        record(event, () -> event.subject = subject);
    }

    public void longLoopTurn(long tookNs) {
        FlightEvents.LongLoopTurn event = new FlightEvents.LongLoopTurn();
        record(event, () -> event.took = tookNs);
    }

    public void handlerFailed(Object subscription, Throwable failure) {
        log.error("Handler failed: {}", subscription, failure);
    }

    public void listenerFailed(Throwable failure) {
        log.error("Listener failed", failure);
    }

    public void listenerMissesEvent(int waiting) {
        long leftOut = missedEvents.admit(System.nanoTime());
        if (leftOut != LineLimit.LEFT_OUT) {
            log.warn(
                    "Listener is too slow: {} events wait for it, the oldest is dropped{}",
                    waiting,
                    leftOut == 0 ? "" : notLogged(leftOut));
        }
    }

    public void lostAtClose(Throwable loss, long publishesInDoubt) {
        log.warn("{}", String.valueOf(loss.getMessage()));
        recordInDoubt("", publishesInDoubt);
    }

    /** A defect of this client: it is caught where it can do no more harm than it has done. */
    public void unexpected(Throwable failure) {
        log.error("Unexpected failure on the event loop", failure);
    }
}
