package io.mallard.internal.route;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import java.util.concurrent.TimeUnit;

/**
 * Why a command was not accepted, and by which route: what it takes to say so, which costs nothing until somebody does.
 *
 * <p>Threading: immutable; how full a buffer is, is what it was when the exception was made.
 *
 * @param headerBytes size of the refused headers, 0 for none
 * @param payloadBytes size of the refused payload
 * @param timeoutNs how long the caller was ready to wait
 */
public record Refusal(Reason reason, Route route, int headerBytes, int payloadBytes, long timeoutNs) {
    /** What was in the way. */
    enum Reason {
        CLIENT_CLOSED(NatsStatus.CONNECTION_CLOSED),
        CLIENT_DRAINING(NatsStatus.DRAINING),
        CONNECTION_LEFT(NatsStatus.CONNECTION_CLOSED),
        NO_HEADERS(NatsStatus.NO_SERVER_SUPPORT),
        PAYLOAD_TOO_LARGE(NatsStatus.MAX_PAYLOAD),
        BUFFER_FULL(NatsStatus.INSUFFICIENT_BUFFER),
        NO_ROOM_IN_TIME(NatsStatus.TIMEOUT),
        NO_SUCCESSOR_IN_TIME(NatsStatus.TIMEOUT),
        INTERRUPTED(NatsStatus.ERR);

        private final NatsStatus status;

        Reason(NatsStatus status) {
            this.status = status;
        }
    }

    public NatsStatus status() {
        return reason.status;
    }

    /** {@code consequence} is what the caller has to say, such as {@code not published to "a.b"}. */
    public NatsException toException(String consequence) {
        return new NatsException(status(), consequence + ": " + describe());
    }

    private String describe() {
        return switch (reason) {
            case CLIENT_CLOSED -> "the client is closed";
            case CLIENT_DRAINING ->
                "the client is being drained: its subscriptions have ended, and it is about to close";
            case CONNECTION_LEFT ->
                "the connection to " + route.onlyUrl() + " is closed or being left; take the next hotSwapClient()";
            case NO_HEADERS -> "the server takes no headers: it is older than 2.2, or has no_header_support set";
            case PAYLOAD_TOO_LARGE ->
                "payload of " + payloadBytes + " bytes"
                        + (headerBytes == 0 ? "" : " with headers of " + headerBytes + " bytes")
                        + " is larger than the " + route.maxPayload()
                        + " bytes the server takes; raise its max_payload or split it";
            case BUFFER_FULL ->
                route.kind() == Route.Kind.OFFLINE
                        ? "reconnect buffer full: " + fill() + "; raise reconnectBufferSize or wait"
                        : "outbound buffer full: " + fill() + "; raise outboundBufferBytes"
                                + (route.outbound().isRetaining() ? " or maxRetainedBytes, or wait" : " or wait");
            case NO_ROOM_IN_TIME ->
                "the server has not made room in the outbound buffer within " + timeoutMs() + " ms: " + fill();
            case NO_SUCCESSOR_IN_TIME -> "traffic was not moved to another connection within " + timeoutMs() + " ms";
            case INTERRUPTED -> "interrupted while waiting for room in the outbound buffer: " + fill();
        };
    }

    private String fill() {
        return route.outbound().describeFill();
    }

    private long timeoutMs() {
        return TimeUnit.NANOSECONDS.toMillis(timeoutNs);
    }
}
