package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A socket whose stream is in the frames of a WebSocket, written from RFC 6455 and without a line of the client that is judged.
 *
 * <p>Threading: as {@link Socket}; one thread reads, and answers PINGs, while others write.
 */
final class RawWebSocket extends Socket {
    /** Of no use to a server but to be repeated. */
    private static final String KEY = "bWFsbGFyZCBqdWRnZSEhIQ==";

    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final byte[] MASK = {1, 2, 3, 4};

    private final Frames frames = new Frames();
    // Set by connect.
    private DataInputStream in = new DataInputStream(InputStream.nullInputStream());

    @Override
    public void connect(SocketAddress endpoint, int timeoutMs) throws IOException {
        super.connect(endpoint, timeoutMs);
        setSoTimeout(timeoutMs);
        in = new DataInputStream(new BufferedInputStream(super.getInputStream()));
        super.getOutputStream()
                .write(
                        ("GET / HTTP/1.1\r\nHost: judge\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                                        + KEY + "\r\nSec-WebSocket-Version: 13\r\n\r\n")
                                .getBytes(US_ASCII));
        String head = head();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("no WebSocket: " + head);
        }
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    @Override
    public InputStream getInputStream() {
        return new Payloads();
    }

    @Override
    public OutputStream getOutputStream() {
        return frames;
    }

    /** Each write is a frame. */
    private final class Frames extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            write(BINARY, source, offset, length);
        }

        private void write(int opcode, byte[] source, int offset, int length) throws IOException {
            ByteBuffer frame = ByteBuffer.allocate(14 + length).put((byte) (0x80 | opcode));
            if (length < 126) {
                frame.put((byte) (0x80 | length));
            } else if (length <= 0xffff) {
                frame.put((byte) (0x80 | 126)).putShort((short) length);
            } else {
                frame.put((byte) (0x80 | 127)).putLong(length);
            }
            frame.put(MASK);
            for (int i = 0; i < length; i++) {
                frame.put((byte) (source[offset + i] ^ MASK[i & 3]));
            }
            // One write of a socket is not mixed with another.
            RawWebSocket.super.getOutputStream().write(frame.array(), 0, frame.position());
        }
    }

    /** What the server's data frames bring, one behind the other. */
    private final class Payloads extends InputStream {
        private long left;
        private boolean closed;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            while (left == 0 && length > 0 && !closed) {
                readHeader();
            }
            int taken = closed ? -1 : in.read(target, offset, (int) Math.min(length, left));
            left -= Math.max(0, taken);
            return taken;
        }

        private void readHeader() throws IOException {
            int first = in.read();
            if (first < 0) {
                closed = true;
                return;
            }
            int shortLength = in.readUnsignedByte();
            long length =
                    shortLength == 126 ? in.readUnsignedShort() : shortLength == 127 ? in.readLong() : shortLength;
            switch (first & 0x0f) {
                case CLOSE -> closed = true;
                case PING -> frames.write(PONG, in.readNBytes((int) length), 0, (int) length);
                case PONG -> in.skipNBytes(length);
                default -> left = length;
            }
        }
    }
}
