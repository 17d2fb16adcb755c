package io.mallard.internal.observe;

import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every log line of a client in one place. Lines that quote CONTRACT J are worded as there, because operators search
 * for them.
 *
 * <p>Threading: safe from any thread.
 */
public final class EventLog {
    private final Logger log = LoggerFactory.getLogger("io.mallard.NatsClient");

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

    /** J1, J2. */
    public void lameDuckDetected(String url) {
        log.info("=== LAME DUCK MODE DETECTED ===");
        log.info("Server: {}", url);
    }

    /** J5, J6. */
    public void trafficMoved(String url) {
        log.info("Hot-swap client connected to: {}", url);
        log.info("Zero downtime active - routing new operations to hot-swap client");
    }

    public void retired(String url) {
        log.info("Left {}: everything sent to it is processed or has moved", url);
    }

    /** J11, with the ledger it rests on. */
    public void handoverComplete(HandoverReport report) {
        if (report.reason() == HandoverReason.LAME_DUCK) {
            log.info(
                    report.isWithoutLoss()
                            ? "=== ZERO-DOWNTIME LAME DUCK HANDLING COMPLETE ==="
                            : "=== LAME DUCK MODE HANDLING COMPLETE ===");
        }
        log.info("{}", report);
    }

    public void fenceForbidden(String url, String text) {
        log.debug("{} does not let the client publish to its inbox, so the overlap goes by time alone: {}", url, text);
    }

    public void disconnected(String url, Throwable cause, long publishesInDoubt) {
        log.warn("Connection to {} lost, {} publishes in doubt: {}", url, publishesInDoubt, cause.toString());
    }

    public void reconnected(String url) {
        log.info("Primary connection reconnected to: {}", url);
    }

    public void attemptsFailed(String attempts, boolean trafficWaits) {
        if (trafficWaits) {
            log.warn("No server could be connected to: {}", attempts);
        } else {
            log.debug("No standby could be made: {}", attempts);
        }
    }

    public void gaveUp(Throwable why) {
        log.error("{}", String.valueOf(why.getMessage()));
    }

    public void serverError(String url, String text) {
        log.warn("Error from {}: {}", url, text);
    }

    public void slowConsumer(Object subscription) {
        log.warn("Slow consumer, messages are dropped: {}", subscription);
    }

    public void handlerFailed(Object subscription, Throwable failure) {
        log.error("Handler failed: {}", subscription, failure);
    }

    public void listenerFailed(Throwable failure) {
        log.error("Listener failed", failure);
    }

    public void listenerMissesEvent(int waiting) {
        log.warn("Listener is too slow: {} events wait for it, the oldest is dropped", waiting);
    }

    public void lostAtClose(Throwable loss) {
        log.warn("{}", String.valueOf(loss.getMessage()));
    }

    /** A defect of this client: it is caught where it can do no more harm than it has done. */
    public void unexpected(Throwable failure) {
        log.error("Unexpected failure on the event loop", failure);
    }
}
