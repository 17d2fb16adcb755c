package io.mallard.protocol.wire;

import org.jspecify.annotations.Nullable;

/**
 * One received message as it lies in the parser's buffer. Nothing here allocates unless its comment says so.
 *
 * <p>Threading: valid only during {@link ProtocolHandler#onMessage}, on the parsing thread.
 */
public interface MessageView {
    long sid();

    int subjectLength();

    byte subjectByte(int index);

    /** Whether the subject is exactly these bytes. */
    boolean subjectEquals(byte[] expected);

    /** The subject decoded as UTF-8; allocates a new string on every call. */
    String subject();

    boolean hasReply();

    /** The reply subject, or null when the message has none; allocates a new string on every call. */
    @Nullable
    String reply();

    /** The header block of an HMSG, version line and closing empty line included; null for a MSG. The caller keeps it. */
    byte @Nullable [] headers();

    /** The payload in an array of its own, which the caller keeps. */
    byte[] payload();
}
