package io.mallard.protocol.net;

import static io.mallard.protocol.net.TransportFixture.payload;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a WebSocket allocates per message, counted by the JVM on the test's own thread. */
class WebSocketAllocationTest {
    private static final int MESSAGES = 1_000;
    private static final int WARM_UP_ROUNDS = 20;
    /** The JVM may allocate a little; less than one byte per message. */
    private static final long NOISE_BYTES = MESSAGES - 1;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Memory memory = new Memory();
    private final WebSocketTransport webSocket = open(memory, new Random(1));

    @ParameterizedTest
    @ValueSource(ints = {10, 1_000, 60_000})
    void readingAllocatesNothing(int bytes) throws Exception {
        memory.say(WebSocketFarEnd.frame(WebSocketFarEnd.BINARY, payload(bytes)));
        ByteBuffer target = ByteBuffer.allocateDirect(64 << 10);

        assertThat(bytesAllocatedBy(() -> webSocket.read(target.clear()))).isLessThanOrEqualTo(NOISE_BYTES);
        assertThat(target.position()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1_000, 100_000})
    void writingAllocatesNothing(int bytes) throws Exception {
        ByteBuffer source = ByteBuffer.allocateDirect(bytes);
        long before = memory.writtenBytes;

        assertThat(bytesAllocatedBy(() -> webSocket.write(source.rewind()))).isLessThanOrEqualTo(NOISE_BYTES);
        assertThat(memory.writtenBytes - before).isGreaterThan((long) MESSAGES * (WARM_UP_ROUNDS + 1) * bytes);
    }

    /** The generator of the JDK makes some garbage of its own for its bytes, of which a frame needs four. */
    @Test
    void masksThatNobodyForeseesAllocateLittle() throws Exception {
        WebSocketTransport unforeseen = open(new Memory(), new SecureRandom());
        ByteBuffer source = ByteBuffer.allocateDirect(1_000);

        assertThat(bytesAllocatedBy(() -> unforeseen.write(source.rewind()))).isLessThanOrEqualTo(MESSAGES * 20L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"82" + "7f" + "0000000100000000", "82" + "7f" + "7fffffffffffffff"})
    void nothingIsAllocatedForALengthThatAServerNames(String header) throws Exception {
        ByteBuffer target = ByteBuffer.allocateDirect(64 << 10);
        memory.say(HexFormat.of().parseHex(header));
        webSocket.read(target);
        memory.say(new byte[10_000]);

        assertThat(bytesAllocatedBy(() -> webSocket.read(target.clear()))).isLessThanOrEqualTo(NOISE_BYTES);
        assertThat(target.position()).isEqualTo(10_000);
    }

    @Test
    void aRefusedLengthIsNotAllocatedEither() {
        memory.say(HexFormat.of().parseHex("827fffffffffffffffff"));
        ByteBuffer target = ByteBuffer.allocateDirect(64 << 10);
        String refusal = "";
        try {
            webSocket.read(target);
        } catch (IOException e) {
            refusal = e.getMessage();
        }
        assertThat(refusal).contains("a length of 18446744073709551615 in 64 bits");
    }

    private interface Action {
        void run() throws Exception;
    }

    private long bytesAllocatedBy(Action action) throws Exception {
        for (int i = 0; i < WARM_UP_ROUNDS * MESSAGES; i++) {
            action.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < MESSAGES; i++) {
            action.run();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static WebSocketTransport open(Memory memory, RandomGenerator random) {
        WebSocketTransport webSocket =
                WebSocketTransport.over(memory, new WebSocketOpening("h:80", "/path", random), random, memory);
        webSocket.begin();
        try {
            memory.say(WebSocketFarEnd.accept(new String(memory.firstWritten, ISO_8859_1)));
        } catch (IOException e) {
            throw new AssertionError(e); // Of no transport, but of the far end: the request is not what it should be.
        }
        memory.lowerEvents.onReadable();
        assertThat(memory.connected).isTrue();
        return webSocket;
    }

    /** The same bytes for each read, and room for everything that is written; also the owner. */
    private static final class Memory implements Transport, Transport.Events {
        byte[] firstWritten = {};
        long writtenBytes;
        boolean connected;
        Transport.Events lowerEvents = this;
        private ByteBuffer said = ByteBuffer.allocate(0);

        void say(byte[] bytes) {
            said = ByteBuffer.wrap(bytes);
        }

        @Override
        public int read(ByteBuffer target) {
            int length = said.remaining();
            target.put(target.position(), said, 0, length);
            target.position(target.position() + length);
            return length;
        }

        @Override
        public boolean write(ByteBuffer source) {
            if (writtenBytes == 0) {
                firstWritten = new byte[source.remaining()];
                source.get(source.position(), firstWritten);
            }
            writtenBytes += source.remaining();
            source.position(source.limit());
            return true;
        }

        @Override
        public void events(Transport.Events newOwner) {
            lowerEvents = newOwner;
        }

        @Override
        public void onConnected() {
            connected = true;
        }

        @Override
        public void requestWrite() {}

        @Override
        public void close() {}

        @Override
        public void onReadable() {}

        @Override
        public void onWritable() {}

        @Override
        public void onFailed(IOException cause) {
            throw new AssertionError(cause);
        }
    }
}
