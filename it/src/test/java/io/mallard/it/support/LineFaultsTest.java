package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.it.support.LineFaults.Chunk;
import io.mallard.it.support.LineFaults.Kind;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineFaultsTest {
    private static final long NOW_NS = 1_000_000_000;
    private static final long MS = 1_000_000;
    private static final long SEED = 4711;

    private final FaultSwitch faults = new FaultSwitch();
    private final FaultCounts counts = new FaultCounts();

    private LineFaults line(long seed) {
        return new LineFaults(faults, counts, 0, seed);
    }

    @Test
    void passesEverythingOnAtOnceWhenNothingIsWrong() {
        List<Chunk> chunks = line(SEED).onBytes(bytes("abc"), NOW_NS);

        assertThat(text(chunks)).isEqualTo("abc");
        assertThat(chunks).extracting(Chunk::dueNs).containsExactly(NOW_NS);
    }

    @Test
    void delaysFromTheMomentTheFaultIsThereUntilItIsGone() {
        LineFaults line = line(SEED);
        faults.add(new Fault.Delay(Duration.ofMillis(5)));

        assertThat(dueNs(line.onBytes(bytes("a"), NOW_NS))).containsExactly(NOW_NS + 5 * MS);
        faults.clear();
        assertThat(dueNs(line.onBytes(bytes("b"), NOW_NS + MS)))
                .as("not before what is under way")
                .containsExactly(NOW_NS + 5 * MS);
        assertThat(dueNs(line.onBytes(bytes("c"), NOW_NS + 6 * MS))).containsExactly(NOW_NS + 6 * MS);
        assertThat(counts.delayedChunks()).isEqualTo(1);
    }

    @Test
    void jittersWithinItsBoundInOrderAndAlikeForTheSameSeed() {
        faults.add(new Fault.Jitter(Duration.ofMillis(5)));

        List<Long> dueNs = jittered(SEED);

        assertThat(dueNs).isSortedAccordingTo((one, other) -> Long.signum(one - other));
        for (int i = 0; i < dueNs.size(); i++) {
            assertThat(dueNs.get(i) - (NOW_NS + i * MS)).isBetween(0L, 5 * MS);
        }
        assertThat(dueNs).isEqualTo(jittered(SEED)).isNotEqualTo(jittered(SEED + 1));
        assertThat(counts.delayedChunks()).isPositive();
    }

    private List<Long> jittered(long seed) {
        LineFaults line = line(seed);
        List<Long> dueNs = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            dueNs.addAll(dueNs(line.onBytes(bytes("x"), NOW_NS + i * MS)));
        }
        return dueNs;
    }

    @Test
    void throttlesToItsRateAndHoldsTheSenderBack() {
        LineFaults line = line(SEED);
        faults.add(new Fault.Throttle(1_000));

        List<Chunk> chunks = line.onBytes(new byte[100], NOW_NS);

        assertThat(chunks).hasSize(10).allMatch(chunk -> chunk.bytes().length == 10);
        assertThat(chunks.get(0).dueNs()).isEqualTo(NOW_NS + 10 * MS);
        assertThat(chunks.get(9).dueNs()).isEqualTo(NOW_NS + 100 * MS);
        assertThat(line.readAgainNs(NOW_NS)).isEqualTo(NOW_NS + 100 * MS);
        assertThat(dueNs(line.onBytes(new byte[10], NOW_NS + 50 * MS)))
                .as("behind what is under way")
                .containsExactly(NOW_NS + 110 * MS);
        assertThat(counts.throttledChunks()).isEqualTo(11);
    }

    @Test
    void makesAChunkOfEveryByte() {
        faults.add(new Fault.SingleBytes());

        List<Chunk> chunks = line(SEED).onBytes(bytes("abc"), NOW_NS);

        assertThat(chunks).hasSize(3).allMatch(chunk -> chunk.bytes().length == 1);
        assertThat(text(chunks)).isEqualTo("abc");
        assertThat(counts.singleBytes()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000})
    void flipsTheSameBitsHoweverTheBytesCome(int chunkBytes) {
        faults.add(new Fault.Corrupt(20));

        BitSet whole = flipped(SEED, 1_000);

        assertThat(flipped(SEED, chunkBytes)).isEqualTo(whole);
        assertThat(flipped(SEED + 1, chunkBytes)).isNotEqualTo(whole);
        assertThat(whole.cardinality()).isBetween(1_000 / 20 / 2, 1_000 / 20 * 2);
    }

    @Test
    void countsTheBytesItFlips() {
        faults.add(new Fault.Corrupt(20));

        int flipped = flipped(SEED, 10).cardinality();

        assertThat(counts.bytesCorrupted()).isEqualTo(flipped);
        faults.clear();
        assertThat(flipped(SEED, 10).cardinality()).isZero();
    }

    private BitSet flipped(long seed, int chunkBytes) {
        LineFaults line = line(seed);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 1_000; i += chunkBytes) {
            line.onBytes(new byte[Math.min(chunkBytes, 1_000 - i)], NOW_NS)
                    .forEach(chunk -> out.writeBytes(chunk.bytes()));
        }
        assertThat(out.size()).isEqualTo(1_000);
        return BitSet.valueOf(out.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 100})
    void cutsOnceBehindSoManyBytes(int chunkBytes) {
        LineFaults line = line(SEED);
        LineFaults other = line(SEED);
        line.onBytes(bytes("before"), NOW_NS);
        faults.add(new Fault.CutAfter(4));

        List<Chunk> chunks = untilCut(line, "abcdefgh", chunkBytes);

        assertThat(text(chunks)).isEqualTo("abcd");
        assertThat(chunks.get(chunks.size() - 1).kind()).isEqualTo(Kind.CUT);
        assertThat(text(untilCut(other, "abcdefgh", chunkBytes))).isEqualTo("abcdefgh");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10, 100})
    void cutsInTheMiddleOfThePayload(int chunkBytes) {
        LineFaults line = line(SEED);
        faults.add(new Fault.CutInPayload());

        List<Chunk> chunks = untilCut(line, "G\r\nPING\r\nSUB a 1\r\nPUB a.b 4\r\nwxyz\r\nPUB a 2\r\n", chunkBytes);

        assertThat(text(chunks)).isEqualTo("G\r\nPING\r\nSUB a 1\r\nPUB a.b 4\r\nwx");
    }

    @Test
    void cutsThePayloadOfADeliveredMessageWithHeadersToo() {
        LineFaults line = line(SEED);
        faults.add(new Fault.CutInPayload());

        assertThat(text(untilCut(line, "HMSG a 1 r 3 9\r\nabcdefghi\r\n", 5))).isEqualTo("HMSG a 1 r 3 9\r\nabcd");
    }

    private static List<Chunk> untilCut(LineFaults line, String text, int chunkBytes) {
        List<Chunk> all = new ArrayList<>();
        for (int i = 0; i < text.length(); i += chunkBytes) {
            all.addAll(line.onBytes(bytes(text.substring(i, Math.min(i + chunkBytes, text.length()))), NOW_NS));
            if (!all.isEmpty() && all.get(all.size() - 1).kind() == Kind.CUT) {
                break;
            }
        }
        return all;
    }

    @Test
    void swallowsForGoodOnceItHasLostSomething() {
        LineFaults lossy = line(SEED);
        LineFaults idle = line(SEED);
        faults.add(new Fault.BlackHole());

        assertThat(lossy.onBytes(bytes("abc"), NOW_NS)).isEmpty();
        faults.clear();

        assertThat(lossy.onBytes(bytes("de"), NOW_NS)).isEmpty();
        assertThat(lossy.onEnd(Kind.END, NOW_NS).kind()).isEqualTo(Kind.SWALLOWED_END);
        assertThat(text(idle.onBytes(bytes("fg"), NOW_NS))).isEqualTo("fg");
        assertThat(idle.onEnd(Kind.RESET, NOW_NS).kind()).isEqualTo(Kind.RESET);
        assertThat(counts.bytesSwallowed()).isEqualTo(5);
    }

    @Test
    void refusesAFaultThatIsNone() {
        assertThatThrownBy(() -> new Fault.Throttle(0)).hasMessage("bytesPerSecond=0, must be > 0");
        assertThatThrownBy(() -> new Fault.Corrupt(0)).hasMessageContaining("averageBytes=0");
        assertThatThrownBy(() -> new Fault.Delay(Duration.ZERO)).hasMessageContaining("delay=0");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static String text(List<Chunk> chunks) {
        StringBuilder text = new StringBuilder();
        chunks.forEach(chunk -> text.append(new String(chunk.bytes(), US_ASCII)));
        return text.toString();
    }

    private static List<Long> dueNs(List<Chunk> chunks) {
        return chunks.stream().map(Chunk::dueNs).toList();
    }
}
