package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the frames of a server apart where they are (RFC 6455, 5.2): the payload of all data frames is one stream of bytes,
 * of whatever length.
 *
 * <pre>
 *   1 FIN, 3 RSV, 4 opcode | 1 MASK, 7 length | 16 or 64 bits of length, if those 7 are 126 or 127 | payload
 * </pre>
 *
 * <p>Threading: owned by the event loop.
 */
final class WebSocketReader {
    private static final int FIN = 0x80;
    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0f;
    private static final int MASK = 0x80;
    private static final int LENGTH = 0x7f;

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int MAX_CONTROL_BYTES = 125;
    private static final int LENGTH_IN_16_BITS = 126;
    private static final int LENGTH_IN_64_BITS = 127;
    private static final int MAX_LENGTH_IN_16_BITS = 0xffff;

    /** Of the frame that is being read, as far as it has come. */
    private final byte[] header = new byte[10];

    /** The same, to read a length from. */
    private final ByteBuffer headerView = ByteBuffer.wrap(header);

    private int headerBytes;
    private long payloadLeft;
    /** A message has begun whose last frame has not come. */
    private boolean inMessage;

    private final byte[] control = new byte[MAX_CONTROL_BYTES];
    private int controlBytes;
    private byte @Nullable [] ping;
    private @Nullable String closed;

    /** Code and reason of the server's CLOSE; null if there was none. */
    @Nullable
    String closed() {
        return closed;
    }

    /** The payload of the latest PING since the last time, which is to be answered; null if there was none. */
    byte @Nullable [] takePing() {
        byte[] taken = ping;
        ping = null;
        return taken;
    }

    /**
     * Leaves the payload of what is between {@code start} and the position, and moves the position to its end. What comes
     * behind a CLOSE is dropped.
     *
     * @throws IOException when this is nothing that a server may send
     */
    void unframe(ByteBuffer buffer, int start) throws IOException {
        int from = start;
        int to = start;
        int end = buffer.position();
        while (from < end && closed == null) {
            if (payloadLeft == 0) {
                readHeader(buffer.get(from++));
                continue;
            }
            int length = (int) Math.min(payloadLeft, end - from);
            if (isControl()) {
                buffer.get(from, control, controlBytes, length);
                controlBytes += length;
            } else {
                if (from != to) {
                    buffer.put(to, buffer, from, length);
                }
                to += length;
            }
            from += length;
            payloadLeft -= length;
            endFrame();
        }
        buffer.position(to);
    }

    private int opcode() {
        return header[0] & OPCODE;
    }

    private boolean isControl() {
        return opcode() >= CLOSE;
    }

    private boolean isFinal() {
        return (header[0] & FIN) != 0;
    }

    private void readHeader(byte next) throws IOException {
        header[headerBytes++] = next;
        if (headerBytes == 1) {
            requireOpcode();
        } else if (headerBytes == 2) {
            requireLength();
        }
        if (headerBytes == headerLength()) {
            payloadLeft = payloadLength();
            endFrame();
        }
    }

    private int headerLength() {
        return headerBytes < 2
                ? 2
                : switch (header[1] & LENGTH) {
                    case LENGTH_IN_16_BITS -> 2 + Short.BYTES;
                    case LENGTH_IN_64_BITS -> 2 + Long.BYTES;
                    default -> 2;
                };
    }

    private void requireOpcode() throws IOException {
        if ((header[0] & RESERVED) != 0) {
            throw broken("bits are set that belong to extensions, which nobody has asked for");
        }
        switch (opcode()) {
            case CONTINUATION -> {
                if (!inMessage) {
                    throw broken("a message goes on that has not begun");
                }
            }
            case BINARY -> {
                if (inMessage) {
                    throw broken("a message begins within another");
                }
            }
            case CLOSE, PING, PONG -> {
                if (!isFinal()) {
                    throw broken("a control frame is in parts");
                }
            }
            case TEXT -> throw broken("a message is text, not binary");
            default -> throw broken("opcode " + opcode());
        }
    }

    private void requireLength() throws IOException {
        if ((header[1] & MASK) != 0) {
            throw broken("a server must not mask its frames");
        }
        if (isControl() && (header[1] & LENGTH) > MAX_CONTROL_BYTES) {
            throw broken("a control frame has more than " + MAX_CONTROL_BYTES + " bytes");
        }
    }

    private long payloadLength() throws IOException {
        long length;
        long least;
        switch (header[1] & LENGTH) {
            case LENGTH_IN_16_BITS -> {
                length = headerView.getShort(2) & 0xffff;
                least = LENGTH_IN_16_BITS;
            }
            case LENGTH_IN_64_BITS -> {
                length = headerView.getLong(2);
                least = MAX_LENGTH_IN_16_BITS + 1;
            }
            default -> {
                length = header[1];
                least = 0;
            }
        }
        if (length < least) {
            throw broken("a length of " + Long.toUnsignedString(length) + " in " + 8 * (headerBytes - 2) + " bits");
        }
        return length;
    }

    /** If it has come in full, header and payload. */
    private void endFrame() throws IOException {
        if (payloadLeft > 0) {
            return;
        }
        switch (opcode()) {
            case CLOSE -> closed = codeAndReason();
            case PING -> ping = Arrays.copyOf(control, controlBytes);
            case CONTINUATION, BINARY -> inMessage = !isFinal();
            default -> {} // A PONG that answers nothing: this client sends no PINGs of that kind.
        }
        headerBytes = 0;
        controlBytes = 0;
    }

    private String codeAndReason() throws IOException {
        if (controlBytes == 0) {
            return "without a code";
        }
        if (controlBytes == 1) {
            throw broken("a CLOSE has half a code");
        }
        int code = ByteBuffer.wrap(control).getShort(0) & 0xffff;
        return (code + " " + Excerpt.of(new String(control, 2, controlBytes - 2, UTF_8))).strip();
    }

    private static IOException broken(String what) {
        return new IOException("the server breaks the WebSocket protocol: " + what);
    }
}
