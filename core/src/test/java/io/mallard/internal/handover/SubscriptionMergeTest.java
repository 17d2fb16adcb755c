package io.mallard.internal.handover;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A simulated handover: messages published at a rate reach both servers by paths of different, varying delay; each path
 * keeps its order. B carries what is published after its SUB took effect, A what is published before its UNSUB did.
 */
class SubscriptionMergeTest {
    private static final long OVERLAP_NS = MILLISECONDS.toNanos(250);
    private static final long FIRST_SKEW_NS = MILLISECONDS.toNanos(5);
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private record Arrival(boolean leading, long number, long atNs) {}

    private final List<Long> delivered = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("seeds")
    void deliversDistinctMessagesOnceAndInOrder(long seed) {
        Random random = new Random(seed);
        long spacingNs = MICROSECONDS.toNanos(20 + random.nextInt(5_000));
        long maxDelayNs = MILLISECONDS.toNanos(1 + random.nextInt(60));

        long published =
                run(random, spacingNs, maxDelayNs, number -> number, NO_LIMIT).published();

        assertThat(delivered).containsExactlyElementsOf(numbers(published));
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 20, 30, 60, 100, 150})
    void deliversIdenticalMessagesSpacedBeyondTheSkewOnce(int spacingMs) {
        for (long seed = 0; seed < 200; seed++) {
            delivered.clear();
            Random random = new Random(seed);

            long published = run(
                            random, MILLISECONDS.toNanos(spacingMs), MILLISECONDS.toNanos(2), number -> 42, NO_LIMIT)
                    .published();

            assertThat(delivered).as("seed %d", seed).containsExactlyElementsOf(numbers(published));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void losesNoneOfIdenticalMessagesCloserThanTheSkewAndCountsWhatItDeliversTwice(long seed) {
        Random random = new Random(seed);

        Outcome outcome = run(random, MICROSECONDS.toNanos(500), MILLISECONDS.toNanos(3), number -> 42, NO_LIMIT);

        assertThat(delivered.size())
                .as("delivered of %d", outcome.published())
                .isBetween((int) outcome.published(), (int)
                        (outcome.published() + outcome.counts().ambiguous()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void deliversAndCountsWhatItMayNotHold(long seed) {
        Random random = new Random(seed);

        Outcome outcome = run(random, MILLISECONDS.toNanos(1), MILLISECONDS.toNanos(20), number -> number, 0);

        assertThat(new HashSet<>(delivered)).hasSize((int) outcome.published());
        assertThat(outcome.counts().heldOverLimit()).isPositive();
    }

    private interface ContentOf {
        long hash(long number);
    }

    private record Outcome(long published, SubscriptionMerge.Counts counts) {}

    private Outcome run(Random random, long spacingNs, long maxDelayNs, ContentOf contents, long maxHeldBytes) {
        long subscribedNs = MILLISECONDS.toNanos(100);
        long unsubscribedNs = subscribedNs + OVERLAP_NS;
        long endNs = unsubscribedNs + OVERLAP_NS;
        List<Arrival> arrivals = new ArrayList<>();
        long atA = 0;
        long atB = 0;
        long published = 0;
        for (long timeNs = 0; timeNs < endNs; timeNs += spacingNs) {
            long number = published++;
            if (timeNs < unsubscribedNs) {
                atA = Math.max(atA + 1, timeNs + (long) (maxDelayNs * random.nextDouble()));
                arrivals.add(new Arrival(true, number, atA));
            }
            if (timeNs >= subscribedNs) {
                atB = Math.max(atB + 1, timeNs + (long) (maxDelayNs * random.nextDouble()));
                arrivals.add(new Arrival(false, number, atB));
            }
        }
        long leadingEndNs = Math.max(atA, unsubscribedNs) + 1;
        arrivals.sort(Comparator.comparingLong(Arrival::atNs));

        SubscriptionMerge<Long> merge =
                new SubscriptionMerge<>(OVERLAP_NS, FIRST_SKEW_NS, maxHeldBytes, delivered::add, 0);
        boolean ended = false;
        for (Arrival arrival : arrivals) {
            if (!ended && arrival.atNs() > leadingEndNs) {
                merge.onLeadingEnded(leadingEndNs);
                ended = true;
            }
            merge.onTick(arrival.atNs());
            long hash = contents.hash(arrival.number());
            if (arrival.leading()) {
                merge.onLeading(hash, arrival.number(), arrival.atNs());
            } else {
                merge.onFollowing(hash, arrival.number(), 1, arrival.atNs());
            }
        }
        if (!ended) {
            merge.onLeadingEnded(leadingEndNs);
        }
        return new Outcome(published, merge.counts());
    }

    private static List<Long> numbers(long count) {
        return LongStream.range(0, count).boxed().toList();
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }
}
