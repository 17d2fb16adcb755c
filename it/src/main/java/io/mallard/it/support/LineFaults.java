package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.it.support.Fault.BlackHole;
import io.mallard.it.support.Fault.Corrupt;
import io.mallard.it.support.Fault.CutAfter;
import io.mallard.it.support.Fault.CutInPayload;
import io.mallard.it.support.Fault.Delay;
import io.mallard.it.support.Fault.Jitter;
import io.mallard.it.support.Fault.SingleBytes;
import io.mallard.it.support.Fault.Stall;
import io.mallard.it.support.Fault.Throttle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the faults of one direction do to the bytes of one connection: which of them come out, when, and what became of them. The same
 * seed flips the same bits of the same bytes, and draws the same delays for the same chunks.
 *
 * <p>Threading: used by one thread, the reader of a {@link ProxyLine}.
 */
final class LineFaults {
    /** So often in a second a throttle lets something through. */
    private static final int SLICES_PER_SECOND = 100;

    enum Kind {
        DATA,
        END,
        RESET,
        /** The connection ends here by a fault. */
        CUT,
        /** The stream has ended, and nobody is told. */
        SWALLOWED_END
    }

    /** Something to do when its time has come. */
    // A carrier: nobody compares two of them.
    @SuppressWarnings("ArrayRecordComponent")
    record Chunk(Kind kind, byte[] bytes, long dueNs) {}

    private final FaultSwitch faults;
    private final FaultCounts counts;
    private final long delayNs;
    private final SplittableRandom jitters;
    private final SplittableRandom flips;
    private final PayloadFinder payloads = new PayloadFinder();

    // Owned by the reader thread.
    private @Nullable Long lastDueNs;
    private @Nullable Long throttledUntilNs;
    private long passedBeforeCut;
    private long bytesToNextFlip;
    // Once true, always true.
    private boolean dead;

    /** @param delayNs by how much everything is late without any fault */
    LineFaults(FaultSwitch faults, FaultCounts counts, long delayNs, long seed) {
        this.faults = faults;
        this.counts = counts;
        this.delayNs = delayNs;
        SplittableRandom random = new SplittableRandom(seed);
        this.jitters = random.split();
        this.flips = random.split();
    }

    /** Returns when nothing holds back what has come. */
    void awaitFlow() throws InterruptedException {
        if (faults.has(Stall.class)) {
            counts.stalls.increment();
            faults.awaitWithout(Stall.class);
        }
    }

    /** What to do with bytes that have come now, in this order; they may be changed. */
    List<Chunk> onBytes(byte[] bytes, long nowNs) {
        List<Chunk> chunks = new ArrayList<>();
        if (isDead()) {
            counts.swallowedBytes.add(bytes.length);
            return chunks;
        }
        corrupt(bytes);
        int cut = findCut(bytes);
        byte[] left = cut < 0 ? bytes : Arrays.copyOf(bytes, cut);
        Throttle throttle = faults.find(Throttle.class);
        if (throttle == null) {
            emit(left, nowNs, chunks);
        } else {
            throttle(left, throttle.bytesPerSecond(), nowNs, chunks);
        }
        if (cut >= 0) {
            chunks.add(new Chunk(Kind.CUT, new byte[0], dueNs(nowNs, 0)));
        }
        return chunks;
    }

    /** What to do about an end or a reset that has come now. */
    Chunk onEnd(Kind kind, long nowNs) {
        return new Chunk(isDead() ? Kind.SWALLOWED_END : kind, new byte[0], dueNs(nowNs, latenessNs()));
    }

    /** When to read on: who sends into a throttled line has to wait. */
    long readAgainNs(long nowNs) {
        return throttledUntilNs == null ? nowNs : throttledUntilNs;
    }

    private boolean isDead() {
        dead |= faults.has(BlackHole.class);
        return dead;
    }

    private void corrupt(byte[] bytes) {
        Corrupt corrupt = faults.find(Corrupt.class);
        if (corrupt == null) {
            bytesToNextFlip = 0;
            return;
        }
        if (bytesToNextFlip == 0) {
            bytesToNextFlip = nextFlip(corrupt);
        }
        long index = bytesToNextFlip - 1;
        while (index < bytes.length) {
            bytes[(int) index] ^= (byte) (1 << flips.nextInt(Byte.SIZE));
            counts.corrupted.increment();
            index += nextFlip(corrupt);
        }
        bytesToNextFlip = index - bytes.length + 1;
    }

    private long nextFlip(Corrupt corrupt) {
        return flips.nextLong(2L * corrupt.averageBytes() - 1) + 1;
    }

    /** Where to end the connection; negative if not in these bytes. */
    private int findCut(byte[] bytes) {
        CutAfter after = faults.find(CutAfter.class);
        if (after == null) {
            passedBeforeCut = 0;
        } else {
            long index = after.bytes() - passedBeforeCut;
            passedBeforeCut += bytes.length;
            if (index <= bytes.length && faults.takeOut(after)) {
                return (int) index;
            }
        }
        CutInPayload inPayload = faults.find(CutInPayload.class);
        if (inPayload == null) {
            payloads.forget();
            return -1;
        }
        int middle = payloads.findMiddle(bytes);
        return middle >= 0 && faults.takeOut(inPayload) ? middle : -1;
    }

    private void throttle(byte[] bytes, int bytesPerSecond, long nowNs, List<Chunk> chunks) {
        int slice = Math.max(1, bytesPerSecond / SLICES_PER_SECOND);
        long freeNs = throttledUntilNs == null || throttledUntilNs - nowNs < 0 ? nowNs : throttledUntilNs;
        for (int from = 0; from < bytes.length; from += slice) {
            int to = Math.min(from + slice, bytes.length);
            freeNs += TimeUnit.SECONDS.toNanos(to - from) / bytesPerSecond;
            counts.throttled.increment();
            emit(Arrays.copyOfRange(bytes, from, to), freeNs, chunks);
        }
        throttledUntilNs = freeNs;
    }

    private void emit(byte[] bytes, long fromNs, List<Chunk> chunks) {
        if (bytes.length == 0) {
            return;
        }
        long dueNs = dueNs(fromNs, latenessNs());
        if (!faults.has(SingleBytes.class)) {
            chunks.add(new Chunk(Kind.DATA, bytes, dueNs));
            return;
        }
        counts.singleBytes.add(bytes.length);
        for (byte single : bytes) {
            chunks.add(new Chunk(Kind.DATA, new byte[] {single}, dueNs));
        }
    }

    private long latenessNs() {
        long lateNs = 0;
        Delay delay = faults.find(Delay.class);
        if (delay != null) {
            lateNs += delay.delay().toNanos();
        }
        Jitter jitter = faults.find(Jitter.class);
        if (jitter != null) {
            lateNs += jitters.nextLong(jitter.most().toNanos() + 1);
        }
        if (lateNs > 0) {
            counts.delayed.increment();
        }
        return lateNs;
    }

    /** Never before what is under way already. */
    private long dueNs(long fromNs, long lateNs) {
        long dueNs = fromNs + delayNs + lateNs;
        if (lastDueNs != null && lastDueNs - dueNs > 0) {
            dueNs = lastDueNs;
        }
        lastDueNs = dueNs;
        return dueNs;
    }

    /** Finds the middle of the first payload behind a head that has come whole. */
    private static final class PayloadFinder {
        private static final Pattern HEAD = Pattern.compile("(?:MSG|PUB|HMSG|HPUB) .* (\\d+)\r\n");
        private static final int LONGEST_HEAD = 4096;

        private final StringBuilder line = new StringBuilder();
        // Negative as long as no head has come.
        private int bytesToMiddle = -1;

        void forget() {
            line.setLength(0);
            bytesToMiddle = -1;
        }

        /** Negative if it is not in these bytes. */
        int findMiddle(byte[] bytes) {
            int index = 0;
            while (bytesToMiddle < 0 && index < bytes.length) {
                onByte(bytes[index++]);
            }
            if (bytesToMiddle < 0) {
                return -1;
            }
            int middle = index + bytesToMiddle;
            if (middle <= bytes.length) {
                return middle;
            }
            bytesToMiddle = middle - bytes.length;
            return -1;
        }

        private void onByte(byte next) {
            line.append(new String(new byte[] {next}, US_ASCII));
            if (next != '\n' && line.length() < LONGEST_HEAD) {
                return;
            }
            Matcher head = HEAD.matcher(line);
            if (head.matches()) {
                bytesToMiddle = Integer.parseInt(head.group(1)) / 2;
            }
            line.setLength(0);
        }
    }
}
