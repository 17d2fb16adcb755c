package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server of WebSockets, written from RFC 6455 without a line of the code under test but the hash of the key. What is written
 * to it goes out in messages of several frames of random sizes, with PINGs and PONGs between these.
 *
 * <p>Threading: as {@link FarEnd}; {@link #pongs} from any thread.
 */
final class WebSocketFarEnd extends FarEnd {
    static final int CONTINUATION = 0;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int[] PART_BYTES = {0, 1, 125, 126, 1_000, 65_535, 65_536, 200_000};

    // Whoever wants to see each frame gets the sizes at random, but the same in each run.
    private final Random random = new Random(5);
    private final List<String> pongs = new CopyOnWriteArrayList<>();
    private volatile int closeCode = -1;
    // Set when open.
    private DataOutputStream frames = new DataOutputStream(OutputStream.nullOutputStream());

    WebSocketFarEnd(Socket lower) {
        super(lower);
    }

    /** What the client has answered to PINGs. */
    List<String> pongs() {
        return List.copyOf(pongs);
    }

    /** What the client has said in its CLOSE; -1 if it has not. */
    int closeCode() {
        return closeCode;
    }

    @Override
    void open(InputStream in, OutputStream out) throws IOException {
        out.write(accept(head(in)));
        frames = new DataOutputStream(out);
    }

    /** The answer to a request. */
    static byte[] accept(String request) throws IOException {
        String key = "";
        for (String line : request.split("\r\n", -1)) {
            if (line.startsWith("Sec-WebSocket-Key: ")) {
                key = line.substring("Sec-WebSocket-Key: ".length());
            }
        }
        if (!request.startsWith("GET /path HTTP/1.1\r\n") || key.length() != 24) {
            throw new IOException("no request for a WebSocket: " + request);
        }
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                        + WebSocketOpening.acceptFor(key) + "\r\n\r\n")
                .getBytes(US_ASCII);
    }

    /** One frame as a server sends it. */
    static byte[] frame(boolean last, int opcode, byte[] payload, int offset, int length) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream frame = new DataOutputStream(bytes);
        try {
            frame.writeByte((last ? 0x80 : 0) | opcode);
            if (length < 126) {
                frame.writeByte(length);
            } else if (length <= 0xffff) {
                frame.writeByte(126);
                frame.writeShort(length);
            } else {
                frame.writeByte(127);
                frame.writeLong(length);
            }
            frame.write(payload, offset, length);
        } catch (IOException e) {
            throw new AssertionError(e); // Nothing but memory.
        }
        return bytes.toByteArray();
    }

    static byte[] frame(int opcode, byte[] payload) {
        return frame(true, opcode, payload, 0, payload.length);
    }

    void send(int opcode, byte[] payload) throws IOException {
        OutputStream opened = getOutputStream();
        frames.write(frame(opcode, payload));
        opened.flush();
    }

    /** What comes is what it is; of text no test sends any. */
    @Override
    InputStream reading(InputStream below) {
        return new Payloads(new DataInputStream(below));
    }

    @Override
    OutputStream writing(OutputStream below) {
        return new Messages();
    }

    /** The payloads of the client's data, one after the other. */
    private final class Payloads extends InputStream {
        private final DataInputStream frames;
        private byte[] payload = {};
        private int at;
        private boolean closed;

        Payloads(DataInputStream frames) {
            this.frames = frames;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            while (at == payload.length && length > 0 && !closed) {
                closed = !readFrame();
            }
            if (closed) {
                return -1;
            }
            int taken = Math.min(length, payload.length - at);
            System.arraycopy(payload, at, target, offset, taken);
            at += taken;
            return taken;
        }

        private boolean readFrame() throws IOException {
            int first = frames.read();
            if (first < 0) {
                return false;
            }
            byte[] content = content();
            switch (first) {
                case 0x80 | BINARY -> {
                    payload = content;
                    at = 0;
                }
                case 0x80 | PONG -> pongs.add(new String(content, UTF_8));
                case 0x80 | CLOSE -> {
                    closeCode = ByteBuffer.wrap(content).getShort(0) & 0xffff;
                    return false;
                }
                default -> throw new IOException("a frame begins with " + first);
            }
            return true;
        }

        private byte[] content() throws IOException {
            int second = frames.readUnsignedByte();
            if ((second & 0x80) == 0) {
                throw new IOException("a frame of the client is not masked");
            }
            int length = second & 0x7f;
            if (length == 126) {
                length = frames.readUnsignedShort();
            } else if (length == 127) {
                length = Math.toIntExact(frames.readLong());
            }
            byte[] mask = frames.readNBytes(4);
            byte[] content = frames.readNBytes(length);
            for (int i = 0; i < content.length; i++) {
                content[i] ^= mask[i & 3];
            }
            return content;
        }
    }

    /** Each write is one message. */
    private final class Messages extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            int opcode = BINARY;
            int left = length;
            while (left >= 0) {
                int part =
                        random.nextInt(4) == 0 ? left : Math.min(left, PART_BYTES[random.nextInt(PART_BYTES.length)]);
                boolean last = part == left;
                frames.write(frame(last, opcode, source, offset + length - left, part));
                if (random.nextInt(3) == 0) {
                    frames.write(frame(random.nextBoolean() ? PING : PONG, ("at " + left).getBytes(US_ASCII)));
                }
                opcode = CONTINUATION;
                left = last ? -1 : left - part;
            }
        }
    }
}
