package io.mallard.internal.publish;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.route.Refusal;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.ProtocolEncoder;
import io.mallard.protocol.wire.Subjects;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a publish, on the caller's thread, into the buffer the route names.
 *
 * <p>Threading: any thread. Waits for room if asked to, but never on the event loop.
 */
public final class Publisher {
    /** {@code HPUB}, separators, two lengths and the line end, at their longest. */
    private static final int CONTROL_LINE_REST = 32;

    private final Router router;
    private final EventLoop loop;
    private final long publishTimeoutNs;
    private final Consumer<Route> onRefused;

    /** {@code onRefused} is told of every publish that there was no room for, and where. */
    public Publisher(Router router, EventLoop loop, long publishTimeoutNs, Consumer<Route> onRefused) {
        this.router = router;
        this.loop = loop;
        this.publishTimeoutNs = publishTimeoutNs;
        this.onRefused = onRefused;
    }

    /** Publishes, waiting for room; throws when it did not work. */
    public void publish(String subject, @Nullable String reply, byte[] payload, int offset, int length) {
        publish(subject, reply, null, payload, offset, length);
    }

    /** The same with headers as they go out, or null for none. */
    public void publish(
            String subject, @Nullable String reply, byte @Nullable [] headers, byte[] payload, int offset, int length) {
        throwIfRefused(offer(subject, reply, headers, payload, offset, length, !loop.inLoop()), subject);
    }

    /** As {@link #publish(String, String, byte[], int, int)}, with what remains of the payload. */
    public void publish(String subject, @Nullable String reply, byte @Nullable [] headers, ByteBuffer payload) {
        if (payload.hasArray()) {
            int offset = payload.arrayOffset() + payload.position();
            publish(subject, reply, headers, payload.array(), offset, payload.remaining());
        } else {
            throwIfRefused(offer(subject, reply, headers, payload, !loop.inLoop()), subject);
        }
    }

    /** Publishes without waiting and, for what is to be expected of a busy or broken link, without an exception. */
    public NatsStatus tryPublish(
            String subject, @Nullable String reply, byte @Nullable [] headers, byte[] payload, int offset, int length) {
        Refusal refusal = offer(subject, reply, headers, payload, offset, length, false);
        return refusal == null ? NatsStatus.OK : refusal.status();
    }

    private static void throwIfRefused(@Nullable Refusal refusal, String subject) {
        if (refusal != null) {
            throw refusal.toException("not published to \"" + subject + "\"");
        }
    }

    // The usual case first and without garbage; whatever else there is, the router knows.

    private @Nullable Refusal offer(
            String subject,
            @Nullable String reply,
            byte @Nullable [] headers,
            byte[] payload,
            int offset,
            int length,
            boolean mayWait) {
        int headerBytes = headerBytes(headers);
        int size = size(subject, reply, headerBytes, length);
        Route route = router.current();
        if (route.takes(headerBytes, length)
                && route.outbound().publish(subject, reply, headers, payload, offset, length, size)
                        == Append.ACCEPTED) {
            route.flushSoon();
            return null;
        }
        return told(router.offer(
                outbound -> outbound.publish(subject, reply, headers, payload, offset, length, size),
                size,
                headerBytes,
                length,
                mayWait,
                publishTimeoutNs));
    }

    private @Nullable Refusal offer(
            String subject, @Nullable String reply, byte @Nullable [] headers, ByteBuffer payload, boolean mayWait) {
        int length = payload.remaining();
        int headerBytes = headerBytes(headers);
        int size = size(subject, reply, headerBytes, length);
        Route route = router.current();
        if (route.takes(headerBytes, length)
                && route.outbound().publish(subject, reply, headers, payload, size) == Append.ACCEPTED) {
            route.flushSoon();
            return null;
        }
        return told(router.offer(
                outbound -> outbound.publish(subject, reply, headers, payload, size),
                size,
                headerBytes,
                length,
                mayWait,
                publishTimeoutNs));
    }

    private @Nullable Refusal told(@Nullable Refusal refusal) {
        if (refusal != null
                && (refusal.status() == NatsStatus.INSUFFICIENT_BUFFER || refusal.status() == NatsStatus.TIMEOUT)) {
            onRefused.accept(refusal.route());
        }
        return refusal;
    }

    /** Bytes of the whole command; throws when subject or reply are none. */
    static int size(String subject, @Nullable String reply, int headerBytes, int length) {
        int subjectBytes = checkSubject(subject);
        int replyBytes = reply == null ? 0 : checkSubject(reply);
        checkControlLine(subjectBytes, replyBytes);
        return ProtocolEncoder.pubSize(subjectBytes, replyBytes, headerBytes, length);
    }

    /** Of headers as they go out, which may be none. */
    public static int headerBytes(byte @Nullable [] headers) {
        return headers == null ? 0 : headers.length;
    }

    /** The subject's size in bytes; throws when it is none. */
    public static int checkSubject(String subject) {
        try {
            return Subjects.checkPublish(subject);
        } catch (IllegalArgumentException e) {
            throw new NatsException(NatsStatus.INVALID_SUBJECT, String.valueOf(e.getMessage()), e);
        }
    }

    /** Throws when subject and reply would make a line that costs the connection. */
    public static void checkControlLine(int subjectBytes, int replyBytes) {
        if (subjectBytes + replyBytes > ProtocolEncoder.MAX_CONTROL_LINE - CONTROL_LINE_REST) {
            throw new NatsException(
                    NatsStatus.INVALID_SUBJECT,
                    "subject of " + subjectBytes + " bytes and reply of " + replyBytes
                            + " do not fit into a control line of " + ProtocolEncoder.MAX_CONTROL_LINE + " bytes");
        }
    }
}
