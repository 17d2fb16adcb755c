package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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

    /** The first byte says which limits and memory, the second how many bytes of what follows say where it is cut. */
    @DictionaryEntries({
        "MSG ",
        "HMSG ",
        "INFO {",
        "PING\\x0d\\x0a",
        "PONG\\x0d\\x0a",
        "+OK\\x0d\\x0a",
        "-ERR '",
        "\\x0d\\x0a",
        " 0\\x0d\\x0a\\x0d\\x0a",
        " 12 12\\x0d\\x0aNATS/1.0\\x0d\\x0a\\x0d\\x0a",
        "\"ldm\":true",
        "99999999999999999999",
        "9223372036854775807"
    })
    @MethodSource("sessions")
    @FuzzTest
    void givesTheSameOutcomeForAnySplit(byte[] input) {
        if (input.length < 2) {
            return;
        }
        int cutsEnd = 2 + Math.min(input[1] & 15, input.length - 2);
        byte[] session = Arrays.copyOfRange(input, cutsEnd, input.length);
        int[] cuts = new int[cutsEnd - 2];
        Arrays.setAll(cuts, i -> (input[2 + i] & 0xff) * session.length / 255);
        Arrays.sort(cuts);
        ServerBytes bytes = new ServerBytes(session, (input[0] & 1) == 0 ? WireLimits.DEFAULTS : SMALL);
        ServerBytes.Memory memory = (input[0] & 2) == 0 ? ServerBytes.Memory.HEAP : ServerBytes.Memory.DIRECT;

        List<String> unsplit = bytes.outcome(ServerBytes.Memory.HEAP);

        assertThat(bytes.outcome(memory, cuts)).isEqualTo(unsplit);
        assertThat(unsplit).allSatisfy(event -> assertThat(event).hasSizeLessThan(1_000 + 2 * input.length));
    }

    static Stream<byte[]> sessions() {
        return Stream.of(
                        new String(RecordedSession.bytes(), ISO_8859_1),
                        "MSG a 1 5\r\nhello\r\nPING\r\n",
                        "MSG a 1 b 0\r\n\r\nPONG\r\n+OK\r\n",
                        "HMSG a 1 b 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
                        "INFO {\"server_id\":\"a\",\"max_payload\":9,\"connect_urls\":[\"a:1\"]}\r\n-ERR 'Stale Connection'\r\n")
                .map(session -> ("\0\3abc" + session).getBytes(ISO_8859_1));
    }

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
