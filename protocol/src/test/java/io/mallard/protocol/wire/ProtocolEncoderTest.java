package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolEncoderTest {
    /** What the buffer holds before and behind the command, so that a write outside shows. */
    private static final byte GUARD = '#';

    private static final byte[] HEADERS = "NATS/1.0\r\nA:b\r\n\r\n".getBytes(UTF_8);
    private static final byte[] PREFIX = "_INBOX.abc.".getBytes(UTF_8);
    private static final byte[] PAYLOAD = "..hello..".getBytes(UTF_8);

    private interface Encoding {
        void writeTo(ByteBuffer dst);
    }

    @Test
    void writesConnect() {
        byte[] json = "{\"verbose\":false}".getBytes(UTF_8);

        assertThat(encoded(ProtocolEncoder.connectSize(json), dst -> ProtocolEncoder.connect(dst, json)))
                .isEqualTo("CONNECT {\"verbose\":false}\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "pond.>, , 1, SUB pond.> 1",
        "pond.*, workers, 10, SUB pond.* workers 10",
        "ente.ä.🦆, grüppe, 9223372036854775807, SUB ente.ä.🦆 grüppe 9223372036854775807"
    })
    void writesSub(String subject, String queue, long sid, String line) {
        assertThat(encoded(
                        ProtocolEncoder.subSize(subject, queue, sid),
                        dst -> ProtocolEncoder.sub(dst, subject, queue, sid)))
                .isEqualTo(line + "\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, UNSUB 0",
        "9, 10, UNSUB 9 10",
        "9223372036854775807, 9223372036854775807, UNSUB 9223372036854775807 9223372036854775807"
    })
    void writesUnsub(long sid, long max, String line) {
        assertThat(encoded(ProtocolEncoder.unsubSize(sid, max), dst -> ProtocolEncoder.unsub(dst, sid, max)))
                .isEqualTo(line + "\r\n");
    }

    @Test
    void writesPingAndPong() {
        assertThat(encoded(ProtocolEncoder.PING_BYTES, ProtocolEncoder::ping)).isEqualTo("PING\r\n");
        assertThat(encoded(ProtocolEncoder.PONG_BYTES, ProtocolEncoder::pong)).isEqualTo("PONG\r\n");
    }

    @Test
    void writesPub() {
        assertThat(pub("a.b", null, null, 5)).isEqualTo("PUB a.b 5\r\nhello\r\n");
        assertThat(pub("a.b", "r.s", null, 5)).isEqualTo("PUB a.b r.s 5\r\nhello\r\n");
        assertThat(pub("a.b", null, null, 0)).isEqualTo("PUB a.b 0\r\n\r\n");
        assertThat(pub("ente.ä.漢.🦆", "réply", null, 5)).isEqualTo("PUB ente.ä.漢.🦆 réply 5\r\nhello\r\n");
    }

    @Test
    void writesHpubWhenThereAreHeaders() {
        assertThat(pub("a.b", null, HEADERS, 5)).isEqualTo("HPUB a.b 17 22\r\nNATS/1.0\r\nA:b\r\n\r\nhello\r\n");
        assertThat(pub("a.b", "r.s", HEADERS, 0)).isEqualTo("HPUB a.b r.s 17 17\r\nNATS/1.0\r\nA:b\r\n\r\n\r\n");
        assertThat(pub("a.b", null, new byte[0], 5)).isEqualTo("PUB a.b 5\r\nhello\r\n");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9, 10, 99, 100, 999_999_999_999_999_999L, 1_000_000_000_000_000_000L, Long.MAX_VALUE})
    void writesTheTokenBehindTheInboxPrefix(long token) {
        int replyBytes = ProtocolEncoder.requestReplySize(PREFIX, token);

        assertThat(encoded(
                        ProtocolEncoder.pubSize(3, replyBytes, 0, 5),
                        dst -> ProtocolEncoder.pubRequest(dst, "a.b", PREFIX, token, null, PAYLOAD, 2, 5)))
                .isEqualTo("PUB a.b _INBOX.abc." + token + " 5\r\nhello\r\n");
        assertThat(encoded(
                        ProtocolEncoder.pubSize(3, replyBytes, HEADERS.length, 5),
                        dst -> ProtocolEncoder.pubRequest(dst, "a.b", PREFIX, token, HEADERS, PAYLOAD, 2, 5)))
                .isEqualTo("HPUB a.b _INBOX.abc." + token + " 17 22\r\nNATS/1.0\r\nA:b\r\n\r\nhello\r\n");
    }

    @Test
    void isReadByTheParserAsTheSameMessages() throws ProtocolException {
        // MSG differs from PUB by its name and the sid.
        String commands = pub("ä.b", "r.s", null, 5) + pub("a.b", "r", HEADERS, 5);
        RecordingHandler recorded = new RecordingHandler();
        new ProtocolParser(WireLimits.DEFAULTS)
                .parse(
                        ByteBuffer.wrap(commands.replace("PUB ä.b", "MSG ä.b 1")
                                .replace("HPUB a.b", "HMSG a.b 2")
                                .getBytes(UTF_8)),
                        recorded);

        assertThat(recorded.events())
                .containsExactly(
                        "MSG ä.b 1 reply=r.s [hello]", "MSG a.b 2 reply=r headers=[NATS/1.0\r\nA:b\r\n\r\n] [hello]");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 65_536})
    void asksForTheExactRoomWhateverTheNumberOfDigits(int length) {
        byte[] payload = new byte[length];
        byte[] headers = new byte[length];

        encoded(
                ProtocolEncoder.pubSize(1, 0, 0, length),
                dst -> ProtocolEncoder.pub(dst, "a", null, null, payload, 0, length));
        encoded(
                ProtocolEncoder.pubSize(1, 1, length, length),
                dst -> ProtocolEncoder.pub(dst, "a", "b", headers, payload, 0, length));
    }

    @Test
    void refusesASizeBeyondAnInt() {
        assertThatThrownBy(() -> ProtocolEncoder.pubSize(1, 0, 0, Integer.MAX_VALUE))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> ProtocolEncoder.pubSize(1, 0, 1 << 30, 1 << 30))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void refusesAnUnpairedSurrogate() {
        for (String subject : new String[] {"a\ud83e", "\ud83e.b", "\udd86", "\udd86\ud83e"}) {
            assertThatThrownBy(() -> ProtocolEncoder.subSize(subject, null, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unpaired surrogate at index");
        }
    }

    /** The same command from an array, from a heap buffer and from a direct buffer. */
    private static String pub(String subject, String reply, byte[] headers, int payloadBytes) {
        int size = ProtocolEncoder.pubSize(
                Subjects.checkPublish(subject),
                reply == null ? 0 : Subjects.checkPublish(reply),
                headers == null ? 0 : headers.length,
                payloadBytes);
        String fromArray =
                encoded(size, dst -> ProtocolEncoder.pub(dst, subject, reply, headers, PAYLOAD, 2, payloadBytes));
        for (ByteBuffer payload : new ByteBuffer[] {
            ByteBuffer.wrap(PAYLOAD), ByteBuffer.allocateDirect(PAYLOAD.length).put(PAYLOAD)
        }) {
            payload.limit(2 + payloadBytes).position(2);
            assertThat(encoded(size, dst -> ProtocolEncoder.pub(dst, subject, reply, headers, payload)))
                    .isEqualTo(fromArray);
            assertThat(payload.position()).isEqualTo(2);
            assertThat(payload.limit()).isEqualTo(2 + payloadBytes);
        }
        return fromArray;
    }

    /** Encodes into a heap and a direct buffer with exactly the announced room. */
    private static String encoded(int size, Encoding encoding) {
        String fromHeap = encoded(ByteBuffer.allocate(size + 2), encoding);
        assertThat(encoded(ByteBuffer.allocateDirect(size + 2), encoding)).isEqualTo(fromHeap);
        return fromHeap;
    }

    private static String encoded(ByteBuffer dst, Encoding encoding) {
        int end = dst.capacity() - 1;
        dst.put(0, GUARD).put(end, GUARD).position(1);
        encoding.writeTo(dst);

        assertThat(dst.position()).as("announced size").isEqualTo(end);
        assertThat(dst.get(0)).isEqualTo(GUARD);
        assertThat(dst.get(end)).isEqualTo(GUARD);
        byte[] written = new byte[end - 1];
        dst.get(1, written);
        return new String(written, UTF_8);
    }
}
