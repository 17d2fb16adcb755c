package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The frames of RFC 6455, with its own examples (5.7). */
class WebSocketFramesTest {
    private static final HexFormat HEX = HexFormat.of();

    private static byte[] read(WebSocketReader reader, String hex) throws IOException {
        return read(reader, ByteBuffer.wrap(HEX.parseHex(hex)));
    }

    private static byte[] read(WebSocketReader reader, ByteBuffer from) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(from.remaining()).put(from);
        reader.unframe(buffer, 0);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    @Test
    void readsABinaryMessageInOneFrame() throws IOException {
        assertThat(read(new WebSocketReader(), "820548656c6c6f")).isEqualTo("Hello".getBytes(US_ASCII));
    }

    @Test
    void readsAMessageInParts() throws IOException {
        assertThat(read(new WebSocketReader(), "020348656c" + "80026c6f")).isEqualTo("Hello".getBytes(US_ASCII));
    }

    @Test
    void readsControlFramesBetweenTheParts() throws IOException {
        WebSocketReader reader = new WebSocketReader();
        assertThat(read(reader, "020348656c" + "890548656c6c6f" + "8a00" + "80026c6f"))
                .isEqualTo("Hello".getBytes(US_ASCII));
        assertThat(reader.takePing()).isEqualTo("Hello".getBytes(US_ASCII));
        assertThat(reader.takePing()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 127, 256, 65_535})
    void readsAndWritesEveryLength(int length) throws IOException {
        byte[] payload = TransportFixture.payload(length);
        ByteBuffer frame = ByteBuffer.allocate(length + WebSocketWriter.MAX_HEADER_BYTES);
        new WebSocketWriter(new Random(1)).frame(WebSocketWriter.BINARY, ByteBuffer.wrap(payload), frame);

        assertThat(unmasked(frame.flip())).isEqualTo(payload);
        assertThat(read(new WebSocketReader(), server(payload))).isEqualTo(payload);
    }

    /** As a server reads it, byte by byte. */
    private static byte[] unmasked(ByteBuffer frame) {
        assertThat(frame.get()).isEqualTo((byte) 0x82);
        int shortLength = frame.get() & 0xff;
        assertThat(shortLength & 0x80).as("masked").isEqualTo(0x80);
        long length = switch (shortLength & 0x7f) {
            case 126 -> frame.getShort() & 0xffff;
            case 127 -> frame.getLong();
            default -> shortLength & 0x7f;
        };
        byte[] mask = new byte[4];
        frame.get(mask);
        byte[] payload = new byte[(int) length];
        frame.get(payload);
        assertThat(frame.hasRemaining()).isFalse();
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return payload;
    }

    private static ByteBuffer server(byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 10).put((byte) 0x82);
        if (payload.length < 126) {
            frame.put((byte) payload.length);
        } else if (payload.length < 65_536) {
            frame.put((byte) 126).putShort((short) payload.length);
        } else {
            frame.put((byte) 127).putLong(payload.length);
        }
        return frame.put(payload).flip();
    }

    @Test
    void writesTheMaskedExample() {
        ByteBuffer frame = ByteBuffer.allocate(100);
        new WebSocketWriter(new Random() {
                    @Override
                    public void nextBytes(byte[] bytes) {
                        ByteBuffer.wrap(bytes).putInt(0x37fa213d);
                    }
                })
                .frame(WebSocketWriter.BINARY, ByteBuffer.wrap("Hello".getBytes(US_ASCII)), frame);
        assertThat(HEX.formatHex(frame.array(), 0, frame.position())).isEqualTo("828537fa213d7f9f4d5158");
    }

    @Test
    void writesNoMoreThanThereIsRoomFor() {
        ByteBuffer frame = ByteBuffer.allocate(1_000);
        ByteBuffer payload = ByteBuffer.wrap(new byte[5_000]);
        new WebSocketWriter(new Random(1)).frame(WebSocketWriter.BINARY, payload, frame);
        assertThat(payload.position()).isEqualTo(1_000 - WebSocketWriter.MAX_HEADER_BYTES);
    }

    @ParameterizedTest
    @CsvSource({"8800, without a code", "880203e8, 1000", "880503f0627965, 1008 bye", "880503f0620a65, 1008 b?e"})
    void readsTheEndAndWhy(String hex, String closed) throws IOException {
        WebSocketReader reader = new WebSocketReader();
        assertThat(read(reader, "820548656c6c6f" + hex + "820548656c6c6f")).hasSize(5);
        assertThat(reader.closed()).isEqualTo(closed);
    }

    @ParameterizedTest
    @CsvSource({
        "c20548, bits are set",
        "8285, a server must not mask",
        "8100, 'a message is text, not binary'",
        "8000, a message goes on that has not begun",
        "02008200, a message begins within another",
        "8300, opcode 3",
        "8b00, opcode 11",
        "0900, a control frame is in parts",
        "897e0080, a control frame has more than 125 bytes",
        "880100, a CLOSE has half a code",
        "827fffffffffffffffff, a length of 18446744073709551615 in 64 bits",
        "827f000000000000ffff, a length of 65535 in 64 bits",
        "827e007d, a length of 125 in 16 bits",
    })
    void refusesWhatNoServerMaySend(String hex, String why) {
        assertThatThrownBy(() -> read(new WebSocketReader(), hex))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("the server breaks the WebSocket protocol: " + why);
    }

    /** Every cut, and bytes of the owner in front, which stay. */
    @Test
    void readsTheSameForAnySplit() throws IOException {
        byte[] session =
                HEX.parseHex("020348656c" + "890161" + "80026c6f" + "827e0080" + "ab".repeat(128) + "8200" + "820163");
        byte[] expected = read(new WebSocketReader(), ByteBuffer.wrap(session));
        assertThat(expected).hasSize(5 + 128 + 1);
        for (int cut = 0; cut <= session.length; cut++) {
            WebSocketReader reader = new WebSocketReader();
            ByteBuffer buffer = ByteBuffer.allocateDirect(1_000).put((byte) '!');
            int start = buffer.position();
            buffer.put(session, 0, cut);
            reader.unframe(buffer, start);
            start = buffer.position();
            buffer.put(session, cut, session.length - cut);
            reader.unframe(buffer, start);
            byte[] got = new byte[buffer.position()];
            buffer.get(0, got);
            assertThat(got[0]).isEqualTo((byte) '!');
            assertThat(Arrays.copyOfRange(got, 1, got.length)).as("cut %d", cut).isEqualTo(expected);
        }
    }

    /** Whatever comes, it is refused or leaves no more than came, whatever the split. */
    @ParameterizedTest
    @ValueSource(longs = {1, 20_260_823, -7})
    void damagedFramesGiveTheSameForAnySplit(long seed) {
        Random random = new Random(seed);
        byte[] session =
                HEX.parseHex("020348656c" + "890161" + "80026c6f" + "827e0080" + "ab".repeat(128) + "8200" + "820163");
        for (int round = 0; round < 5_000; round++) {
            byte[] damaged = session.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged[random.nextInt(20)] = (byte) random.nextInt(256);
            }
            assertThat(outcome(damaged, random.nextInt(damaged.length + 1)))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(outcome(damaged, 0));
        }
    }

    private static String outcome(byte[] session, int cut) {
        WebSocketReader reader = new WebSocketReader();
        try {
            byte[] first = read(reader, ByteBuffer.wrap(session, 0, cut));
            byte[] second = read(reader, ByteBuffer.wrap(session, cut, session.length - cut));
            return HEX.formatHex(first) + HEX.formatHex(second) + " " + reader.closed();
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
