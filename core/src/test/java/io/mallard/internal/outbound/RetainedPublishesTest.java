package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.protocol.wire.ProtocolEncoder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetainedPublishesTest {
    private static final int LIMIT = 1 << 20;

    private final RetainedPublishes retained = new RetainedPublishes(LIMIT);

    /** Against a plain queue, while the rings turn over, grow and shrink. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void keepsWhatIsNotReleasedInItsOrder(long seed) {
        Random random = new Random(seed);
        Deque<String> expected = new ArrayDeque<>();
        long added = 0;
        long released = 0;
        for (int round = 0; round < 3_000; round++) {
            boolean much = round / 500 % 2 == 0;
            CommandBatch batch = new CommandBatch();
            int publishes = random.nextInt(much ? 20 : 4);
            for (int i = 0; i < publishes; i++) {
                byte[] payload = payload(random, much ? 5_000 : 300);
                expected.add(publish(batch, Long.toString(added++), payload));
            }
            add(batch);
            long last = released + (long) (random.nextDouble() * (added - released + 1));
            if (random.nextInt(much ? 30 : 3) == 0) {
                retained.release(last);
                while (released < last) {
                    released++;
                    expected.remove();
                }
            }
            assertThat(retained.size())
                    .isEqualTo(expected.stream().mapToInt(String::length).sum());
        }
        assertThat(expected).isNotEmpty();

        assertThat(moveAll(added, Long.MAX_VALUE)).isEqualTo(String.join("", expected));
        assertThat(retained.size()).isZero();
    }

    @Test
    void leavesOutWhatTheSocketHasNotTaken() {
        CommandBatch batch = new CommandBatch();
        String first = publish(batch, "a", new byte[1]);
        String second = publish(batch, "b", new byte[2]);
        publish(batch, "c", new byte[3]);
        add(batch);

        assertThat(moveAll(2, Long.MAX_VALUE)).isEqualTo(first + second);
    }

    @Test
    void leavesOutWhatTheServerDoesNotTake() {
        CommandBatch batch = new CommandBatch();
        String first = publish(batch, "a.10", new byte[8]);
        publish(batch, "b", new byte[9]);
        String third = publish(batch, "c.999", new byte[8]);
        byte[] headers = "NATS/1.0\r\n\r\n".getBytes(US_ASCII);
        ProtocolEncoder.pub(
                batch.room(ProtocolEncoder.pubSize(1, 0, headers.length, 0)), "d", null, headers, new byte[0], 0, 0);
        batch.end(CommandKind.PUBLISH);
        add(batch);

        assertThat(moveAll(4, 8)).isEqualTo(first + third);
    }

    @Test
    void refusesMoreThanAnArrayCanHold() {
        assertThatThrownBy(() -> retained.reserve((1 << 30) + 1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1073741825 bytes");
    }

    private void add(CommandBatch batch) {
        retained.reserve(batch.size(), batch.publishes());
        batch.flip();
        batch.copyPublishes(retained);
    }

    private String moveAll(long written, long maxPayload) {
        StringBuilder all = new StringBuilder();
        for (CommandBatch batch : retained.copy(written, maxPayload)) {
            assertThat(batch.publishes()).isPositive();
            all.append(US_ASCII.decode(batch.flip()));
        }
        retained.clear();
        return all.toString();
    }

    private static byte[] payload(Random random, int bound) {
        byte[] payload = new byte[random.nextInt(bound)];
        Arrays.fill(payload, (byte) ('a' + random.nextInt(26)));
        return payload;
    }

    /** Adds it to the batch, and something that is none; returns its bytes. */
    private static String publish(CommandBatch batch, String subject, byte[] payload) {
        int size = ProtocolEncoder.pubSize(subject.length(), 0, 0, payload.length);
        ProtocolEncoder.pub(batch.room(size), subject, null, null, payload, 0, payload.length);
        batch.end(CommandKind.PUBLISH);
        ProtocolEncoder.pong(batch.room(ProtocolEncoder.PONG_BYTES));
        batch.end(CommandKind.OWN);
        return "PUB " + subject + " " + payload.length + "\r\n" + new String(payload, US_ASCII) + "\r\n";
    }
}
