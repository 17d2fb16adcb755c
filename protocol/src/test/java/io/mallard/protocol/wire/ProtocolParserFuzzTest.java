package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged sessions: whatever comes, only a {@link ProtocolException} may come out, and the same events for any split.
 */
class ProtocolParserFuzzTest {
    private static final int ROUNDS_PER_SEED = 2_000;
    private static final WireLimits SMALL = new WireLimits(1_000, 200, 1_000);

    /** What a mutation inserts, beside random bytes: what the grammar is made of. */
    private static final List<String> FRAGMENTS = List.of(
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            "MSG ",
            "HMSG ",
            "INFO {",
            "PING\r\n",
            "PONG\r\n",
            "+OK\r\n",
            "-ERR '",
            "0",
            "-1",
            "99999999999999999999",
            "67108865",
            "{",
            "}",
            "[[[[",
            "\"",
            "\\ud800",
            "\0",
            "ä");

    @ParameterizedTest
    @ValueSource(longs = {1, 20_260_823, -7, Long.MIN_VALUE})
    void givesTheSameOutcomeForAnySplitOfDamagedBytes(long seed) {
        Random random = new Random(seed);
        byte[] session = RecordedSession.bytes();
        int refused = 0;
        for (int round = 0; round < ROUNDS_PER_SEED; round++) {
            byte[] damaged = damage(session, random);
            WireLimits limits = random.nextBoolean() ? WireLimits.DEFAULTS : SMALL;
            ServerBytes bytes = new ServerBytes(damaged, limits);
            ServerBytes.Memory memory = random.nextBoolean() ? ServerBytes.Memory.HEAP : ServerBytes.Memory.DIRECT;

            List<String> unsplit = bytes.outcome(memory);
            int[] cuts = random.ints(random.nextInt(20), 0, damaged.length + 1)
                    .sorted()
                    .toArray();
            assertThat(bytes.outcome(memory, cuts))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(unsplit);

            if (!unsplit.isEmpty() && unsplit.get(unsplit.size() - 1).contains(" at stream offset ")) {
                refused++;
            }
        }
        assertThat(refused).isBetween(ROUNDS_PER_SEED / 2, ROUNDS_PER_SEED - 1);
    }

    private static byte[] damage(byte[] session, Random random) {
        // A window, so that damage late in a message is not always hidden behind an earlier one.
        int from = random.nextInt(4) == 0 ? random.nextInt(session.length) : 0;
        StringBuilder text = new StringBuilder(new String(session, from, session.length - from, ISO_8859_1));
        int mutations = random.nextInt(4);
        for (int i = 0; i < mutations; i++) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.setCharAt(at, (char) random.nextInt(256));
                case 1 -> text.insert(at, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
                case 2 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
                default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(40))));
            }
        }
        return text.toString().getBytes(ISO_8859_1);
    }
}
