package io.mallard.internal.observe;

import io.mallard.DurationSummary;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Counts durations in buckets that are one sixteenth of their value wide, up to an hour; what takes longer is in the last one.
 *
 * <p>Threading: safe from any thread, without locks. Of what is recorded while a summary is taken, that may have the total and not the count.
 */
public final class DurationHistogram {
    /** Every power of two has 16 buckets; below that many nanoseconds each has its own. */
    private static final int BUCKET_BITS = 4;

    private static final int BUCKETS_PER_POWER = 1 << BUCKET_BITS;
    private static final long LONGEST_NS = (1L << 42) - 1;

    /** Made when there is something to count: a client has several histograms, and most of its life nothing in them. */
    private final AtomicReference<@Nullable AtomicLongArray> counts = new AtomicReference<>();

    private final AtomicLong totalNs = new AtomicLong();
    private final AtomicLong maxNs = new AtomicLong();

    /** A negative one counts as none. */
    public void record(long durationNs) {
        long tookNs = Math.max(0, durationNs);
        maxNs.accumulateAndGet(tookNs, Math::max); // Before it counts: no percentile is beyond.
        totalNs.addAndGet(tookNs);
        counts().incrementAndGet(bucket(Math.min(tookNs, LONGEST_NS)));
    }

    private AtomicLongArray counts() {
        AtomicLongArray known = counts.get();
        if (known != null) {
            return known;
        }
        AtomicLongArray made = new AtomicLongArray(bucket(LONGEST_NS) + 1);
        AtomicLongArray other = counts.compareAndExchange(null, made);
        return other == null ? made : other;
    }

    public DurationSummary summary() {
        AtomicLongArray counted = counts.get();
        if (counted == null) {
            return DurationSummary.NONE;
        }
        long[] seen = new long[counted.length()];
        long count = 0;
        for (int i = 0; i < seen.length; i++) {
            seen[i] = counted.get(i);
            count += seen[i];
        }
        return new DurationSummary(
                count,
                totalNs.get(),
                percentile(seen, count, 50),
                percentile(seen, count, 95),
                percentile(seen, count, 99),
                maxNs.get());
    }

    /** The upper end of the bucket that has it; of the highest ones, what is known better. */
    private long percentile(long[] seen, long count, int percent) {
        long rank = (count * percent + 99) / 100;
        long passed = 0;
        for (int i = 0; count > 0 && i < seen.length; i++) {
            passed += seen[i];
            if (passed >= rank) {
                return i == seen.length - 1 ? maxNs.get() : Math.min(highest(i), maxNs.get());
            }
        }
        return 0;
    }

    private static int bucket(long durationNs) {
        if (durationNs < BUCKETS_PER_POWER) {
            return (int) durationNs;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(durationNs) - BUCKET_BITS;
        return (shift << BUCKET_BITS) + (int) (durationNs >>> shift);
    }

    private static long highest(int bucket) {
        if (bucket < BUCKETS_PER_POWER) {
            return bucket;
        }
        int shift = (bucket >> BUCKET_BITS) - 1;
        long first = (long) (BUCKETS_PER_POWER + bucket % BUCKETS_PER_POWER) << shift;
        return first + (1L << shift) - 1;
    }
}
