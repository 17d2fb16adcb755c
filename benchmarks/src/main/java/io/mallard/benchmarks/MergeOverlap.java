package io.mallard.benchmarks;

import io.mallard.internal.handover.SubscriptionMerge;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What does it cost, per message, to make one stream of the two that arrive while a subscription moves? A whole overlap of
 * 250 ms at 50,000 messages a second, in which the copies come a millisecond later; their hashes are given.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MergeOverlap {
    private static final long APART_NS = 20_000;
    private static final int MESSAGES = 12_500;
    private static final long OVERLAP_NS = MESSAGES * APART_NS;
    /** A millisecond. */
    private static final int LATE = 50;

    private static final long FIRST_SKEW_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long MAX_HELD_BYTES = 64 << 20;
    private static final int MESSAGE_BYTES = 128;

    /** So many messages come before one that looks the same; 0 if none does. */
    @Param({"0", "1000"})
    private int period;

    private final Object message = new Object();

    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void merge(Blackhole blackhole) {
        SubscriptionMerge<Object> merge =
                new SubscriptionMerge<>(OVERLAP_NS, FIRST_SKEW_NS, MAX_HELD_BYTES, blackhole::consume, 0);
        merge.onFollowingAsked(0);
        long nowNs = 0;
        for (int i = 0; i < MESSAGES; i++) {
            nowNs += APART_NS;
            merge.onLeading(hash(i), 1, message, nowNs);
            if (i >= LATE) {
                merge.onFollowing(hash(i - LATE), 1, message, MESSAGE_BYTES, nowNs);
            }
            merge.onTick(nowNs);
        }
        merge.onLeadingEnded(nowNs);
    }

    private long hash(int number) {
        return (period == 0 ? number : number % period) * 0x9E3779B97F4A7C15L;
    }
}
