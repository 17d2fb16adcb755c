package io.mallard.internal.publish;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.ProtocolEncoder;
import io.mallard.protocol.wire.Subjects;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a publish, on the caller's thread, into the buffer the route names.
 *
 * <p>Threading: any thread. Waits for room if asked to, but never on the event loop.
 */
public final class Publisher {
    private final Router router;
    private final EventLoop loop;
    private final long publishTimeoutNs;

    public Publisher(Router router, EventLoop loop, long publishTimeoutNs) {
        this.router = router;
        this.loop = loop;
        this.publishTimeoutNs = publishTimeoutNs;
    }

    /** Publishes, waiting for room; throws when it did not work. */
    public void publish(String subject, @Nullable String reply, byte[] payload, int offset, int length) {
        NatsStatus status = offer(subject, reply, payload, offset, length, !loop.inLoop());
        if (status != NatsStatus.OK) {
            throw refused(status, subject, length);
        }
    }

    /** As {@link #publish(String, String, byte[], int, int)}, with what remains of the payload. */
    public void publish(String subject, @Nullable String reply, ByteBuffer payload) {
        if (payload.hasArray()) {
            int offset = payload.arrayOffset() + payload.position();
            publish(subject, reply, payload.array(), offset, payload.remaining());
            return;
        }
        NatsStatus status = offer(subject, reply, payload, !loop.inLoop());
        if (status != NatsStatus.OK) {
            throw refused(status, subject, payload.remaining());
        }
    }

    /** Publishes without waiting and, for what is to be expected of a busy or broken link, without an exception. */
    public NatsStatus tryPublish(String subject, @Nullable String reply, byte[] payload, int offset, int length) {
        return offer(subject, reply, payload, offset, length, false);
    }

    private NatsStatus offer(
            String subject, @Nullable String reply, byte[] payload, int offset, int length, boolean mayWait) {
        int size = size(subject, reply, length);
        long deadlineNs = 0;
        Route route = router.current();
        while (true) {
            if (length > route.maxPayload()) {
                return tooLarge(route);
            }
            Append answer = route.outbound().publish(subject, reply, null, payload, offset, length, size);
            if (answer == Append.ACCEPTED) {
                route.flush();
                return NatsStatus.OK;
            }
            deadlineNs = deadlineNs == 0 ? System.nanoTime() + publishTimeoutNs : deadlineNs;
            NatsStatus status = await(route, answer, size, mayWait, deadlineNs);
            if (status != NatsStatus.OK) {
                return status;
            }
            route = router.current();
        }
    }

    private NatsStatus offer(String subject, @Nullable String reply, ByteBuffer payload, boolean mayWait) {
        int size = size(subject, reply, payload.remaining());
        long deadlineNs = System.nanoTime() + publishTimeoutNs;
        while (true) {
            Route route = router.current();
            if (payload.remaining() > route.maxPayload()) {
                return tooLarge(route);
            }
            Append answer = route.outbound().publish(subject, reply, null, payload, size);
            if (answer == Append.ACCEPTED) {
                route.flush();
                return NatsStatus.OK;
            }
            NatsStatus status = await(route, answer, size, mayWait, deadlineNs);
            if (status != NatsStatus.OK) {
                return status;
            }
        }
    }

    private static int size(String subject, @Nullable String reply, int length) {
        int subjectBytes = checkSubject(subject);
        int replyBytes = reply == null ? 0 : checkSubject(reply);
        if (subjectBytes + replyBytes > ProtocolEncoder.MAX_CONTROL_LINE - CONTROL_LINE_REST) {
            throw new NatsException(
                    NatsStatus.INVALID_SUBJECT,
                    "subject and reply of " + (subjectBytes + replyBytes) + " bytes do not fit into a control line of "
                            + ProtocolEncoder.MAX_CONTROL_LINE + " bytes");
        }
        return ProtocolEncoder.pubSize(subjectBytes, replyBytes, 0, length);
    }

    /** {@code HPUB}, separators, two lengths and the line end, at their longest. */
    private static final int CONTROL_LINE_REST = 32;

    /** The subject's size in bytes; throws when it is none. */
    public static int checkSubject(String subject) {
        try {
            return Subjects.checkPublish(subject);
        } catch (IllegalArgumentException e) {
            throw new NatsException(NatsStatus.INVALID_SUBJECT, String.valueOf(e.getMessage()), e);
        }
    }

    private static NatsStatus tooLarge(Route route) {
        return route.kind() == Route.Kind.CLOSED ? NatsStatus.CONNECTION_CLOSED : NatsStatus.MAX_PAYLOAD;
    }

    /** After an append was not accepted: OK when it is worth another try. */
    private NatsStatus await(Route route, Append answer, int size, boolean mayWait, long deadlineNs) {
        if (route.kind() == Route.Kind.CLOSED) {
            return NatsStatus.CONNECTION_CLOSED;
        }
        if (answer == Append.SEALED) {
            return router.awaitSuccessor(route, deadlineNs) ? NatsStatus.OK : NatsStatus.TIMEOUT;
        }
        if (route.kind() == Route.Kind.OFFLINE || !mayWait) {
            return NatsStatus.INSUFFICIENT_BUFFER;
        }
        try {
            return route.outbound().awaitRoom(size, deadlineNs) ? NatsStatus.OK : NatsStatus.TIMEOUT;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsException(NatsStatus.ERR, "interrupted while waiting for room in the outbound buffer", e);
        }
    }

    private NatsException refused(NatsStatus status, String subject, int length) {
        Route route = router.current();
        return new NatsException(
                status,
                switch (status) {
                    case CONNECTION_CLOSED -> "the client is closed";
                    case MAX_PAYLOAD ->
                        "payload of " + length + " bytes to \"" + subject + "\" is larger than the "
                                + route.maxPayload() + " bytes the server takes; raise its max_payload or split it";
                    case INSUFFICIENT_BUFFER ->
                        (route.kind() == Route.Kind.OFFLINE ? "reconnect buffer" : "outbound buffer") + " full: "
                                + route.outbound().describeFill() + "; raise "
                                + (route.kind() == Route.Kind.OFFLINE ? "reconnectBufferSize" : "outboundBufferBytes")
                                + " or wait";
                    default ->
                        "the server has not made room in the outbound buffer within "
                                + TimeUnit.NANOSECONDS.toMillis(publishTimeoutNs) + " ms: "
                                + route.outbound().describeFill();
                });
    }
}
