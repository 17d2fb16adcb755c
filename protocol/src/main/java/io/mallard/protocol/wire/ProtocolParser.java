package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one server connection into events, however they are cut into buffers.
 *
 * <p>The grammar is that of nats-server and nats.go where they agree and stricter where they shrug: names of operations
 * have no case, one or several spaces or tabs separate arguments, a line ends with CRLF or, as both accept, with LF
 * alone; a payload must be followed by CRLF. Other control characters in a line of arguments are refused.
 *
 * <p>Threading: not thread-safe; one thread at a time, one parser per connection.
 */
public final class ProtocolParser {
    private enum State {
        LINE,
        HEADERS,
        PAYLOAD,
        PAYLOAD_CR,
        PAYLOAD_LF
    }

    /** An operation is recognised, or refused, once this many bytes are there. */
    private static final int OP_BYTES = 4;
    /** HMSG with a reply subject. */
    private static final int MAX_ARGUMENTS = 5;

    private static final int INITIAL_LINE_BYTES = 256;
    private static final byte[] EMPTY = {};

    private final WireLimits limits;
    private final Message message = new Message();
    private State state = State.LINE;
    private @Nullable ProtocolException failure;

    // The control line being read, without its LF. It stays until the message it announces is complete.
    private byte[] line = new byte[INITIAL_LINE_BYTES];
    private int lineLength;
    private @Nullable Op op;

    // Where the arguments of a message line begin and end in the line.
    private final int[] argumentStart = new int[MAX_ARGUMENTS];
    private final int[] argumentEnd = new int[MAX_ARGUMENTS];

    // The message that the line announced, and how much of the current one of its two arrays is there.
    private long sid;
    private boolean hasReply;
    private byte @Nullable [] headers;
    private byte[] payload = EMPTY;
    private int filled;

    // For exceptions: stream offsets of the buffer's index 0 and of the line.
    private long bufferOffset;
    private long lineOffset;

    public ProtocolParser(WireLimits limits) {
        this.limits = limits;
    }

    /**
     * Reads all that remains of {@code in} and reports every event that it completes. What it leaves incomplete is kept
     * here, so the buffer may be reused at once, for another connection too.
     *
     * <p>A runtime exception of the handler comes out as it is, with {@code in} positioned behind the event that caused
     * it; calling again with the same buffer goes on from there.
     *
     * @throws ProtocolException if the bytes are not the protocol or exceed a limit; so does every later call
     */
    public void parse(ByteBuffer in, ProtocolHandler handler) throws ProtocolException {
        if (failure != null) {
            throw failure;
        }
        long startOffset = bufferOffset;
        bufferOffset = startOffset - in.position();
        try {
            while (in.hasRemaining()) {
                switch (state) {
                    case LINE -> readLine(in, handler);
                    case HEADERS -> readHeaders(in);
                    case PAYLOAD -> readPayload(in);
                    case PAYLOAD_CR -> readPayloadCr(in);
                    case PAYLOAD_LF -> readPayloadLf(in, handler);
                }
            }
        } catch (ProtocolException e) {
            failure = e;
            throw e;
        } finally {
            bufferOffset += in.position();
        }
    }

    // <op> [argument …]␍␊     https://docs.nats.io/reference/reference-protocols/nats-protocol#protocol-conventions
    private void readLine(ByteBuffer in, ProtocolHandler handler) throws ProtocolException {
        int start = in.position();
        int end = start;
        int limit = in.limit();
        while (end < limit && in.get(end) != '\n') {
            end++;
        }
        boolean complete = end < limit;

        Op current = op;
        if (current == null) {
            if (lineLength == 0) {
                lineOffset = bufferOffset + start;
            }
            appendToLine(in, Math.min(end - start, OP_BYTES - lineLength));
            if (lineLength < OP_BYTES && !complete) {
                return;
            }
            current = recogniseOp();
            op = current;
        }
        int maxBytes = current == Op.INFO ? limits.maxInfoBytes() : limits.maxLineBytes();
        appendToLine(in, Math.min(end - in.position(), maxBytes - lineLength));
        if (lineLength == maxBytes) {
            throw refusedLine(current + " line longer than " + maxBytes + " bytes");
        }
        if (complete) {
            in.position(end + 1);
            onLine(current, handler);
        }
    }

    private void appendToLine(ByteBuffer in, int bytes) {
        int length = lineLength + bytes;
        if (length > line.length) {
            line = Arrays.copyOf(line, Math.max(length, line.length * 2));
        }
        in.get(line, lineLength, bytes);
        lineLength = length;
    }

    private Op recogniseOp() throws ProtocolException {
        int word = 0;
        for (int i = 0; i < OP_BYTES; i++) {
            word = word << 8 | (i < lineLength ? line[i] & 0xff : '\n');
        }
        Op recognised = Op.of(word);
        if (recognised == null) {
            throw refusedLine("unknown operation");
        }
        return recognised;
    }

    private void onLine(Op current, ProtocolHandler handler) throws ProtocolException {
        int end = lineLength > 0 && line[lineLength - 1] == '\r' ? lineLength - 1 : lineLength;
        int start = current.length;
        if (start < end && !isSeparator(line[start])) {
            throw refusedLine("unknown operation");
        }
        switch (current) {
            case MSG -> readMsg(start, end);
            case HMSG -> readHmsg(start, end);
            case INFO -> readInfo(start, end, handler);
            case PING -> {
                requireNoArguments(start, end);
                startNextLine();
                handler.onPing();
            }
            case PONG -> {
                requireNoArguments(start, end);
                startNextLine();
                handler.onPong();
            }
            case OK -> {
                requireNoArguments(start, end);
                startNextLine();
                handler.onOk();
            }
            case ERR -> readErr(start, end, handler);
        }
    }

    /** Before the event, so that the parser can go on if its handler throws. */
    private void startNextLine() {
        state = State.LINE;
        lineLength = 0;
        op = null;
    }

    // MSG <subject> <sid> [reply-to] <#bytes>␍␊[payload]␍␊
    //     https://docs.nats.io/reference/reference-protocols/nats-protocol#msg
    private void readMsg(int start, int end) throws ProtocolException {
        int count = splitArguments(start, end);
        readSubjectSidReply(count, 3);
        int payloadBytes = readLength("payload", count - 1);
        headers = null;
        payload = newArray(payloadBytes);
        filled = 0;
        state = State.PAYLOAD;
    }

    // HMSG <subject> <sid> [reply-to] <#header bytes> <#total bytes>␍␊[headers]␍␊␍␊[payload]␍␊
    //     https://docs.nats.io/reference/reference-protocols/nats-protocol#hmsg
    // A header length of 0 is taken, as nats.go does: the block is peer data and its defects are its reader's to
    // report.
    private void readHmsg(int start, int end) throws ProtocolException {
        int count = splitArguments(start, end);
        readSubjectSidReply(count, 4);
        int totalBytes = readLength("total", count - 1);
        int headerBytes = readLength("header", count - 2);
        if (headerBytes > totalBytes) {
            throw refusedLine("header length " + headerBytes + " exceeds total length " + totalBytes);
        }
        headers = newArray(headerBytes);
        payload = newArray(totalBytes - headerBytes);
        filled = 0;
        state = State.HEADERS;
    }

    // INFO {["field":value,…]}␍␊     https://docs.nats.io/reference/reference-protocols/nats-protocol#info
    private void readInfo(int start, int end, ProtocolHandler handler) throws ProtocolException {
        ServerInfo info = ServerInfo.parse(line, start, end - start, lineOffset + start);
        startNextLine();
        handler.onInfo(info);
    }

    // -ERR <error message>␍␊     https://docs.nats.io/reference/reference-protocols/nats-protocol#okerr
    // An empty message is still an error, and reported as one.
    private void readErr(int start, int end, ProtocolHandler handler) {
        String text = new String(line, start, end - start, UTF_8).strip();
        boolean quoted = text.length() >= 2 && text.startsWith("'") && text.endsWith("'");
        startNextLine();
        handler.onError(quoted ? text.substring(1, text.length() - 1) : text);
    }

    private void readHeaders(ByteBuffer in) {
        byte[] block = headers;
        if (block == null || fill(block, in)) {
            filled = 0;
            state = State.PAYLOAD;
        }
    }

    private void readPayload(ByteBuffer in) {
        if (fill(payload, in)) {
            state = State.PAYLOAD_CR;
        }
    }

    private boolean fill(byte[] array, ByteBuffer in) {
        int bytes = Math.min(array.length - filled, in.remaining());
        in.get(array, filled, bytes);
        filled += bytes;
        return filled == array.length;
    }

    private void readPayloadCr(ByteBuffer in) throws ProtocolException {
        requirePayloadEnd(in, '\r');
        state = State.PAYLOAD_LF;
    }

    private void readPayloadLf(ByteBuffer in, ProtocolHandler handler) throws ProtocolException {
        requirePayloadEnd(in, '\n');
        startNextLine();
        try {
            handler.onMessage(message);
        } finally {
            // An idle connection does not hold on to its last message.
            headers = null;
            payload = EMPTY;
        }
    }

    private void requirePayloadEnd(ByteBuffer in, char expected) throws ProtocolException {
        long offset = bufferOffset + in.position();
        byte b = in.get();
        if (b != expected) {
            String found = ProtocolException.excerpt(new byte[] {b}, 0, 1);
            throw new ProtocolException(
                    "payload not followed by CRLF but by " + found + " after the line",
                    offset,
                    line,
                    0,
                    argumentEnd[hasReply ? 3 : 2]);
        }
    }

    private int splitArguments(int start, int end) throws ProtocolException {
        int count = 0;
        int i = start;
        while (true) {
            while (i < end && isSeparator(line[i])) {
                i++;
            }
            if (i == end) {
                return count;
            }
            if (count == MAX_ARGUMENTS) {
                throw refusedLine("more than " + MAX_ARGUMENTS + " arguments");
            }
            argumentStart[count] = i;
            while (i < end && (line[i] & 0xff) > ' ') {
                i++;
            }
            argumentEnd[count++] = i;
            if (i < end && !isSeparator(line[i])) {
                throw refusedLine("control character in the arguments");
            }
        }
    }

    private void readSubjectSidReply(int count, int countWithoutReply) throws ProtocolException {
        if (count < countWithoutReply || count > countWithoutReply + 1) {
            throw refusedLine(
                    op + " takes " + countWithoutReply + " or " + (countWithoutReply + 1) + " arguments, not " + count);
        }
        hasReply = count > countWithoutReply;
        sid = readNumber("sid", 1);
    }

    private int readLength(String what, int argument) throws ProtocolException {
        long length = readNumber(what + " length", argument);
        if (length > limits.maxPayloadBytes()) {
            throw refusedLine(
                    what + " length " + length + " exceeds the limit of " + limits.maxPayloadBytes() + " bytes");
        }
        return (int) length;
    }

    private long readNumber(String what, int argument) throws ProtocolException {
        long number = Ascii.parseDecimal(line, argumentStart[argument], argumentEnd[argument]);
        if (number < 0) {
            throw refusedLine(what + " "
                    + ProtocolException.excerpt(line, argumentStart[argument], argumentEnd[argument])
                    + " is not a number of 63 bits");
        }
        return number;
    }

    private void requireNoArguments(int start, int end) throws ProtocolException {
        for (int i = start; i < end; i++) {
            if (!isSeparator(line[i])) {
                throw refusedLine(op + " takes no arguments");
            }
        }
    }

    private static boolean isSeparator(byte b) {
        return b == ' ' || b == '\t';
    }

    private static byte[] newArray(int length) {
        return length == 0 ? EMPTY : new byte[length];
    }

    private ProtocolException refusedLine(String what) {
        return new ProtocolException(what, lineOffset, line, 0, lineLength);
    }

    /** The one message of this parser, looked at through the fields around it. */
    private final class Message implements MessageView {
        private static final int SUBJECT = 0;
        private static final int REPLY = 2;

        @Override
        public long sid() {
            return sid;
        }

        @Override
        public int subjectLength() {
            return argumentEnd[SUBJECT] - argumentStart[SUBJECT];
        }

        @Override
        public byte subjectByte(int index) {
            return line[argumentStart[SUBJECT] + index];
        }

        @Override
        public boolean subjectEquals(byte[] expected) {
            return Arrays.equals(line, argumentStart[SUBJECT], argumentEnd[SUBJECT], expected, 0, expected.length);
        }

        @Override
        public String subject() {
            return argument(SUBJECT);
        }

        @Override
        public boolean hasReply() {
            return hasReply;
        }

        @Override
        public @Nullable String reply() {
            return hasReply ? argument(REPLY) : null;
        }

        @Override
        public byte @Nullable [] headers() {
            return headers;
        }

        @Override
        public byte[] payload() {
            return payload;
        }

        private String argument(int index) {
            return new String(line, argumentStart[index], argumentEnd[index] - argumentStart[index], UTF_8);
        }
    }
}
