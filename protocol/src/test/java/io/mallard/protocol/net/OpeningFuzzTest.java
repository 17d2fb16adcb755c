package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Web servers and proxies that say anything: granted, refused in one line, or still waiting, and the same for any split. */
class OpeningFuzzTest {
    private static final OpeningTransportTest.Way[] WAYS = OpeningTransportTest.Way.values();

    /** The first byte says which opening, the second how many bytes come at once. */
    @DictionaryEntries({
        "HTTP/1.1 101 S\\x0d\\x0a",
        "HTTP/1.0 200\\x0d\\x0a\\x0d\\x0a",
        "HTTP/1.1 302 F\\x0d\\x0aLocation: x\\x0d\\x0a",
        "HTTP/1.1 407 A\\x0d\\x0a\\x0d\\x0a",
        "Upgrade: websocket\\x0d\\x0a",
        "Connection: Upgrade\\x0d\\x0a",
        "Sec-WebSocket-Accept: ",
        "\\x0d\\x0a",
        "\\x05\\x00",
        "\\x05\\x02",
        "\\x01\\x00",
        "\\x05\\x00\\x00\\x03\\x02ab\\x10\\x7e"
    })
    @MethodSource("sessions")
    @FuzzTest
    void grantsOrRefusesTheSameAtAnySplit(byte[] input) {
        if (input.length > 1) {
            OpeningTransportTest.Way way = WAYS[(input[0] & 0xff) % WAYS.length];
            byte[] session = Arrays.copyOfRange(input, 2, input.length);
            String whole = outcome(way, session, Math.max(1, session.length));
            assertThat(outcome(way, session, 1 + (input[1] & 0xff))).isEqualTo(whole);
            assertThat(outcome(way, session, 1)).isEqualTo(whole);
        }
    }

    private static String outcome(OpeningTransportTest.Way way, byte[] session, int atOnce) {
        Owner owner = new Owner(way);
        owner.lower.connected();
        for (int at = 0; at < session.length && !owner.isOver; at += atOnce) {
            owner.lower.say(session, at, Math.min(atOnce, session.length - at));
        }
        if (owner.read.isEmpty()) {
            assertThat(owner.lower.readBytes()).isLessThanOrEqualTo(OpeningTransport.MAX_HEARD_BYTES);
        }
        return owner.told + " " + owner.read;
    }

    /** Is told at most once how it ends. */
    private static final class Owner implements Transport.Events {
        final HandTransport lower = new HandTransport(this);
        final StringBuilder told = new StringBuilder();
        final StringBuilder read = new StringBuilder();
        private final OpeningTransport transport;
        private final ByteBuffer target = ByteBuffer.allocate(1_000);
        private boolean isOver;

        Owner(OpeningTransportTest.Way way) {
            transport = OpeningTransport.over(lower, way.opening(), this);
        }

        @Override
        public void onConnected() {
            told.append("connected");
        }

        @Override
        public void onReadable() {
            assertThat(told.toString()).isEqualTo("connected");
            try {
                transport.read(target.clear());
            } catch (IOException e) {
                throw new AssertionError(e); // What is granted is the stream below, which does not fail.
            }
            read.append(new String(target.array(), 0, target.position(), ISO_8859_1));
        }

        @Override
        public void onWritable() {}

        /** The excerpt behind the first quote depends on how much had come. */
        @Override
        public void onFailed(IOException cause) {
            assertThat(told).isEmpty();
            assertThat(cause.getMessage()).matches("[ -~]+").hasSizeLessThan(600);
            told.append(cause.getMessage().replaceAll("\".*", ""));
            isOver = true;
        }
    }

    static Stream<byte[]> sessions() throws IOException {
        Stream.Builder<byte[]> sessions = Stream.builder();
        for (byte way = 0; way < WAYS.length; way++) {
            byte[] session = WAYS[way].session();
            sessions.add(ByteBuffer.allocate(2 + session.length)
                    .put(way)
                    .put((byte) 5)
                    .put(session)
                    .array());
        }
        for (String refused : new String[] {
            "\0\1HTTP/1.1 302 Found\r\nLocation: wss://elsewhere/\r\n\r\n",
            "\0\7INFO {\"server_id\":\"x\"}\r\n",
            "\1\0HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\n\r\n",
            "\2\0\5\2\1\1",
            "\2\0\5\0\5\5\0\1\0"
        }) {
            sessions.add(refused.getBytes(ISO_8859_1));
        }
        return sessions.build();
    }
}
