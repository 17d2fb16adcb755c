package io.mallard.protocol.wire;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the commands of a client at the position of a buffer and advances it.
 *
 * <p>Nothing here allocates or validates: subjects and queue names have passed {@link Subjects}, and the caller has
 * made room by asking for the size first. All sizes are exact.
 *
 * <p>Threading: stateless.
 */
public final class ProtocolEncoder {
    /**
     * What a server accepts by default between the name of an operation and its line end; a longer one costs the
     * connection.
     */
    public static final int MAX_CONTROL_LINE = 4096;

    public static final int PING_BYTES = 6;
    public static final int PONG_BYTES = 6;

    private static final int CRLF_BYTES = 2;

    private ProtocolEncoder() {}

    public static int connectSize(byte[] json) {
        return "CONNECT ".length() + json.length + CRLF_BYTES;
    }

    // CONNECT <json>␍␊     https://docs.nats.io/reference/reference-protocols/nats-protocol#connect
    public static void connect(ByteBuffer dst, byte[] json) {
        Utf8.put(dst, "CONNECT ");
        dst.put(json);
        putCrlf(dst);
    }

    public static int subSize(String subject, @Nullable String queue, long sid) {
        return "SUB ".length()
                + Utf8.length(subject)
                + (queue == null ? 0 : 1 + Utf8.length(queue))
                + 1
                + Ascii.decimalDigits(sid)
                + CRLF_BYTES;
    }

    // SUB <subject> [queue group] <sid>␍␊     https://docs.nats.io/reference/reference-protocols/nats-protocol#sub
    public static void sub(ByteBuffer dst, String subject, @Nullable String queue, long sid) {
        Utf8.put(dst, "SUB ");
        Utf8.put(dst, subject);
        if (queue != null) {
            putSpace(dst);
            Utf8.put(dst, queue);
        }
        putSpace(dst);
        Ascii.putDecimal(dst, sid);
        putCrlf(dst);
    }

    public static int unsubSize(long sid, long max) {
        return "UNSUB ".length()
                + Ascii.decimalDigits(sid)
                + (max == 0 ? 0 : 1 + Ascii.decimalDigits(max))
                + CRLF_BYTES;
    }

    /** Ends a subscription at once, or after {@code max} messages since its SUB when that is not 0. */
    // UNSUB <sid> [max_msgs]␍␊     https://docs.nats.io/reference/reference-protocols/nats-protocol#unsub
    public static void unsub(ByteBuffer dst, long sid, long max) {
        Utf8.put(dst, "UNSUB ");
        Ascii.putDecimal(dst, sid);
        if (max != 0) {
            putSpace(dst);
            Ascii.putDecimal(dst, max);
        }
        putCrlf(dst);
    }

    // PING␍␊     https://docs.nats.io/reference/reference-protocols/nats-protocol#pingpong
    public static void ping(ByteBuffer dst) {
        Utf8.put(dst, "PING\r\n");
    }

    // PONG␍␊     https://docs.nats.io/reference/reference-protocols/nats-protocol#pingpong
    public static void pong(ByteBuffer dst) {
        Utf8.put(dst, "PONG\r\n");
    }

    /**
     * Exact size of a PUB, or of an HPUB when there are header bytes.
     *
     * @param replyBytes 0 for no reply subject
     * @param headerBytes 0 for no header block
     * @throws ArithmeticException if it exceeds {@link Integer#MAX_VALUE}
     */
    public static int pubSize(int subjectBytes, int replyBytes, int headerBytes, int payloadBytes) {
        int totalBytes = Math.addExact(headerBytes, payloadBytes);
        int lineBytes = (headerBytes == 0 ? "PUB ".length() : "HPUB ".length() + Ascii.decimalDigits(headerBytes) + 1)
                + subjectBytes
                + (replyBytes == 0 ? 0 : 1 + replyBytes)
                + 1
                + Ascii.decimalDigits(totalBytes)
                + CRLF_BYTES;
        return Math.addExact(lineBytes + CRLF_BYTES, totalBytes);
    }

    public static void pub(
            ByteBuffer dst,
            String subject,
            @Nullable String reply,
            byte @Nullable [] headers,
            byte[] payload,
            int off,
            int len) {
        putOpAndSubject(dst, subject, headers);
        putReply(dst, reply);
        putLengthsAndHeaders(dst, headers, len);
        dst.put(payload, off, len);
        putCrlf(dst);
    }

    /** Publishes what remains of {@code payload}, whose position and limit stay as they are. */
    public static void pub(
            ByteBuffer dst, String subject, @Nullable String reply, byte @Nullable [] headers, ByteBuffer payload) {
        int len = payload.remaining();
        putOpAndSubject(dst, subject, headers);
        putReply(dst, reply);
        putLengthsAndHeaders(dst, headers, len);
        dst.put(dst.position(), payload, payload.position(), len).position(dst.position() + len);
        putCrlf(dst);
    }

    /** The {@code replyBytes} of a {@link #pubRequest}, for {@link #pubSize}. */
    public static int requestReplySize(byte[] inboxPrefix, long token) {
        return inboxPrefix.length + Ascii.decimalDigits(token);
    }

    /** A publish whose reply subject is the inbox prefix followed by the token in decimal. */
    public static void pubRequest(
            ByteBuffer dst,
            String subject,
            byte[] inboxPrefix,
            long token,
            byte @Nullable [] headers,
            byte[] payload,
            int off,
            int len) {
        putOpAndSubject(dst, subject, headers);
        putSpace(dst);
        dst.put(inboxPrefix);
        Ascii.putDecimal(dst, token);
        putLengthsAndHeaders(dst, headers, len);
        dst.put(payload, off, len);
        putCrlf(dst);
    }

    // PUB <subject> [reply-to] <#bytes>␍␊[payload]␍␊
    //     https://docs.nats.io/reference/reference-protocols/nats-protocol#pub
    // HPUB <subject> [reply-to] <#header bytes> <#total bytes>␍␊[headers]␍␊␍␊[payload]␍␊
    //     https://docs.nats.io/reference/reference-protocols/nats-protocol#hpub
    private static void putOpAndSubject(ByteBuffer dst, String subject, byte @Nullable [] headers) {
        Utf8.put(dst, headers == null || headers.length == 0 ? "PUB " : "HPUB ");
        Utf8.put(dst, subject);
    }

    private static void putReply(ByteBuffer dst, @Nullable String reply) {
        if (reply != null) {
            putSpace(dst);
            Utf8.put(dst, reply);
        }
    }

    private static void putLengthsAndHeaders(ByteBuffer dst, byte @Nullable [] headers, int payloadBytes) {
        putSpace(dst);
        if (headers == null || headers.length == 0) {
            Ascii.putDecimal(dst, payloadBytes);
            putCrlf(dst);
        } else {
            Ascii.putDecimal(dst, headers.length);
            putSpace(dst);
            Ascii.putDecimal(dst, (long) headers.length + payloadBytes);
            putCrlf(dst);
            dst.put(headers);
        }
    }

    private static void putSpace(ByteBuffer dst) {
        dst.put((byte) ' ');
    }

    private static void putCrlf(ByteBuffer dst) {
        dst.put((byte) '\r').put((byte) '\n');
    }
}
