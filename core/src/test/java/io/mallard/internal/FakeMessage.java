package io.mallard.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.protocol.wire.MessageView;
import java.util.Arrays;

/** A received message that does not come from a parser; its header block and payload are given as text. */
public record FakeMessage(long sid, String subject, String reply, String headerText, String text)
        implements MessageView {
    /** One without reply and headers. */
    public FakeMessage(long sid, String subject, String text) {
        this(sid, subject, null, null, text);
    }

    @Override
    public int subjectLength() {
        return subject.getBytes(UTF_8).length;
    }

    @Override
    public byte subjectByte(int index) {
        return subject.getBytes(UTF_8)[index];
    }

    @Override
    public boolean subjectEquals(byte[] expected) {
        return Arrays.equals(subject.getBytes(UTF_8), expected);
    }

    @Override
    public boolean hasReply() {
        return reply != null;
    }

    @Override
    public byte[] headers() {
        return headerText == null ? null : headerText.getBytes(UTF_8);
    }

    @Override
    public byte[] payload() {
        return text.getBytes(UTF_8);
    }
}
