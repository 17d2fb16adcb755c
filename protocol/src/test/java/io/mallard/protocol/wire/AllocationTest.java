package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/**
 * What the codec allocates per message, counted by the JVM on the test's own thread.
 */
class AllocationTest {
    private static final int MESSAGES = 1_000;
    private static final int WARM_UP_ROUNDS = 20;
    /** The reading itself allocates a little, and so may the JVM; less than one byte per message. */
    private static final long NOISE_BYTES = MESSAGES - 1;

    /** Array header and length, rounded up to eight. */
    private static final int ARRAY_OVERHEAD_BYTES = 16;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);

    @Test
    void parsingAMessageAllocatesItsPayloadOnly() throws Exception {
        assertThat(bytesPerThousandParsed("MSG pond.duck.1 17 _INBOX.abc.1 128\r\n" + "x".repeat(128) + "\r\n"))
                .isBetween(MESSAGES * 128L, MESSAGES * (128L + ARRAY_OVERHEAD_BYTES) + NOISE_BYTES);
    }

    @Test
    void parsingAMessageWithHeadersAllocatesItsTwoArraysOnly() throws Exception {
        assertThat(bytesPerThousandParsed(
                        "HMSG pond.duck.1 17 24 144\r\nNATS/1.0\r\nA:bbbbbbbb\r\n\r\n" + "x".repeat(120) + "\r\n"))
                .isBetween(MESSAGES * 144L, MESSAGES * (144L + 2 * ARRAY_OVERHEAD_BYTES) + NOISE_BYTES);
    }

    @Test
    void parsingWhatCarriesNothingAllocatesNothing() throws Exception {
        assertThat(bytesPerThousandParsed("MSG pond.duck.1 17 0\r\n\r\n")).isLessThanOrEqualTo(NOISE_BYTES);
        assertThat(bytesPerThousandParsed("PING\r\n")).isLessThanOrEqualTo(NOISE_BYTES);
        assertThat(bytesPerThousandParsed("PONG\r\n")).isLessThanOrEqualTo(NOISE_BYTES);
        assertThat(bytesPerThousandParsed("+OK\r\n")).isLessThanOrEqualTo(NOISE_BYTES);
    }

    @Test
    void encodingAllocatesNothing() throws Exception {
        byte[] payload = new byte[128];
        ByteBuffer payloadBuffer = ByteBuffer.allocateDirect(128);
        byte[] headers = "NATS/1.0\r\nA:b\r\n\r\n".getBytes(US_ASCII);
        byte[] inboxPrefix = "_INBOX.abc.".getBytes(US_ASCII);

        assertThat(bytesAllocatedBy(() -> {
                    buffer.clear();
                    for (int i = 0; i < MESSAGES; i++) {
                        buffer.clear();
                        int subjectBytes = Subjects.checkPublish("pond.duck.ä");
                        int replyBytes = ProtocolEncoder.requestReplySize(inboxPrefix, i);
                        if (ProtocolEncoder.pubSize(subjectBytes, replyBytes, headers.length, payload.length)
                                > buffer.remaining()) {
                            throw new IllegalStateException("buffer too small");
                        }
                        ProtocolEncoder.pub(buffer, "pond.duck.ä", "reply", headers, payload, 0, payload.length);
                        ProtocolEncoder.pub(buffer, "pond.duck.ä", null, null, payloadBuffer);
                        ProtocolEncoder.pubRequest(
                                buffer, "pond.duck", inboxPrefix, i, headers, payload, 0, payload.length);
                        ProtocolEncoder.sub(buffer, "pond.>", "workers", i);
                        ProtocolEncoder.unsub(buffer, i, 1);
                        ProtocolEncoder.ping(buffer);
                        ProtocolEncoder.pong(buffer);
                    }
                }))
                .isLessThanOrEqualTo(NOISE_BYTES);
    }

    private long bytesPerThousandParsed(String message) throws Exception {
        ProtocolParser parser = new ProtocolParser(WireLimits.DEFAULTS);
        ProtocolHandler handler = new IgnoringHandler();
        buffer.clear().put(message.repeat(MESSAGES).getBytes(US_ASCII)).flip();
        return bytesAllocatedBy(() -> parser.parse(buffer.rewind(), handler));
    }

    private interface Action {
        void run() throws Exception;
    }

    private long bytesAllocatedBy(Action action) throws Exception {
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            action.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
