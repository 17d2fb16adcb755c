package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of one server connection, fed to a parser in any pieces; an outcome is the list of events and, if the
 * parser refused, the exception's message as the last element.
 */
final class ServerBytes {
    enum Memory {
        HEAP,
        DIRECT
    }

    /** Bytes before and behind the piece in its buffer, which must be neither read nor counted. */
    private static final int MARGIN = 3;

    private final byte[] bytes;
    private final WireLimits limits;
    private final ByteBuffer heap;
    private final ByteBuffer direct;

    ServerBytes(byte[] bytes, WireLimits limits) {
        this.bytes = bytes;
        this.limits = limits;
        this.heap = ByteBuffer.allocate(bytes.length + 2 * MARGIN);
        this.direct = ByteBuffer.allocateDirect(bytes.length + 2 * MARGIN);
    }

    static ServerBytes of(String text) {
        return new ServerBytes(text.getBytes(UTF_8), WireLimits.DEFAULTS);
    }

    /** Requires the same outcome for all two-piece splits and for single bytes, and returns it. */
    List<String> outcomeOfEverySplit() {
        List<String> unsplit = outcome(Memory.HEAP);
        int[] everyByte = new int[Math.max(0, bytes.length - 1)];
        Arrays.setAll(everyByte, i -> i + 1);
        for (Memory memory : Memory.values()) {
            assertThat(outcome(memory)).as("%s, unsplit", memory).isEqualTo(unsplit);
            assertThat(outcome(memory, everyByte))
                    .as("%s, byte by byte", memory)
                    .isEqualTo(unsplit);
            for (int cut = 1; cut < bytes.length; cut++) {
                assertThat(outcome(memory, cut))
                        .as("%s, cut at %d", memory, cut)
                        .isEqualTo(unsplit);
            }
        }
        return unsplit;
    }

    /** Feeds the pieces between the cuts through one buffer that each piece overwrites. */
    List<String> outcome(Memory memory, int... cuts) {
        ByteBuffer buffer = memory == Memory.HEAP ? heap : direct;
        ProtocolParser parser = new ProtocolParser(limits);
        RecordingHandler recorded = new RecordingHandler();
        List<String> outcome = new ArrayList<>();
        try {
            int from = 0;
            for (int cut : cuts) {
                parser.parse(piece(buffer, from, cut), recorded);
                assertThat(buffer.hasRemaining()).isFalse();
                from = cut;
            }
            parser.parse(piece(buffer, from, bytes.length), recorded);
            assertThat(buffer.hasRemaining()).isFalse();
            outcome.addAll(recorded.events());
        } catch (ProtocolException e) {
            outcome.addAll(recorded.events());
            outcome.add(e.getMessage());
        }
        return outcome;
    }

    private ByteBuffer piece(ByteBuffer buffer, int from, int to) {
        buffer.clear();
        while (buffer.hasRemaining()) {
            buffer.put((byte) '#');
        }
        return buffer.limit(MARGIN + to - from).position(MARGIN).put(MARGIN, bytes, from, to - from);
    }
}
