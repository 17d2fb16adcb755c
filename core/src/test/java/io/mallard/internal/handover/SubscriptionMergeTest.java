package io.mallard.internal.handover;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
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

    private long beganNs;
    private long stallFromNs;
    private long stallUntilNs;
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
    @ValueSource(ints = {10, 20, 30, 60, 100, 150, 260, 500, 700})
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

    /** The new server, or this process, stands still at any time for longer than half the overlap. */
    @ParameterizedTest
    @MethodSource("seeds")
    void deliversDistinctMessagesOnceAndInOrderWhenTheFollowingStreamStandsStill(long seed) {
        Random random = new Random(seed);
        stallFromNs = MILLISECONDS.toNanos(80 + random.nextInt(400));
        stallUntilNs = stallFromNs + MILLISECONDS.toNanos(130 + random.nextInt(600));

        long published = run(random, MILLISECONDS.toNanos(1), MILLISECONDS.toNanos(2), number -> number, NO_LIMIT)
                .published();

        assertThat(delivered).containsExactlyElementsOf(numbers(published));
    }

    /** Both are the only ones of their kind: one that only A carries, one that only B carries. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aCopyThatIsAwaitedForLongIsNotTakenForAMessageThatLooksTheSame(long seed) {
        Random random = new Random(seed);
        long spacingNs = OVERLAP_NS + MILLISECONDS.toNanos(5 + random.nextInt(1_000));
        beganNs = MILLISECONDS.toNanos(random.nextInt(200));

        long published = run(random, spacingNs, MILLISECONDS.toNanos(4), number -> 42, NO_LIMIT)
                .published();

        assertThat(delivered).containsExactlyElementsOf(numbers(published));
    }

    /** On ways that are slow and of different length, spaced by about an overlap: one of two is perhaps the only one on its way. */
    @ParameterizedTest
    @ValueSource(ints = {150, 180, 200, 230, 245, 250, 255, 270})
    void losesNoneOfIdenticalMessagesWhoseCopyIsStillOnItsWayWhenTheLeadingStreamEnds(int spacingMs) {
        for (long seed = 0; seed < 500; seed++) {
            delivered.clear();
            Random random = new Random(seed);
            beganNs = MILLISECONDS.toNanos(random.nextInt(spacingMs));

            Outcome outcome =
                    run(random, MILLISECONDS.toNanos(spacingMs), MILLISECONDS.toNanos(40), number -> 42, NO_LIMIT);

            assertThat(new HashSet<>(delivered)).as("seed %d", seed).hasSize((int) outcome.published());
        }
    }

    /** A server that stands still with content that repeats: who cannot tell says so. */
    @ParameterizedTest
    @MethodSource("seeds")
    void countsWhatItDeliversTwiceOfIdenticalMessagesWhenTheFollowingStreamStandsStill(long seed) {
        Random random = new Random(seed);
        stallFromNs = MILLISECONDS.toNanos(80 + random.nextInt(600));
        stallUntilNs = stallFromNs + MILLISECONDS.toNanos(10 + random.nextInt(600));

        Outcome outcome = run(random, MILLISECONDS.toNanos(50), MILLISECONDS.toNanos(2), number -> 42, NO_LIMIT);

        assertThat(delivered.size())
                .as("delivered of %d", outcome.published())
                .isBetween((int) outcome.published(), (int)
                        (outcome.published() + outcome.counts().ambiguous()));
    }

    private interface ContentOf {
        long hash(long number);
    }

    private record Outcome(long published, SubscriptionMerge.Counts counts) {}

    private Outcome run(Random random, long spacingNs, long maxDelayNs, ContentOf contents, long maxHeldBytes) {
        long askedNs = MILLISECONDS.toNanos(100);
        long subscribedNs = askedNs + (long) (maxDelayNs * random.nextDouble());
        long answeredNs = throughB(askedNs);
        // As in a handover: a fence says how far the servers are apart, another one from A to B whether B stands still.
        long apartNs = (long) (maxDelayNs * random.nextDouble());
        long halfNs = Math.max(OVERLAP_NS, 4 * apartNs) / 2;
        long sentNs = answeredNs + halfNs;
        long partingNs = throughB(sentNs + apartNs) + MICROSECONDS.toNanos(1); // Behind what came before it.
        long unsubscribedNs = partingNs + halfNs;
        long endNs = unsubscribedNs + SECONDS.toNanos(2);
        List<Arrival> arrivals = new ArrayList<>();
        long atA = 0;
        long atB = 0;
        long published = 0;
        for (long timeNs = beganNs; timeNs < endNs; timeNs += spacingNs) {
            long number = published++;
            atA = Math.max(atA + 1, timeNs + (long) (maxDelayNs * random.nextDouble()));
            if (atA < unsubscribedNs) { // On its way until then, it is sent to nobody.
                arrivals.add(new Arrival(true, number, atA));
            }
            if (timeNs >= subscribedNs) {
                atB = Math.max(atB + 1, throughB(timeNs + (long) (maxDelayNs * random.nextDouble())));
                arrivals.add(new Arrival(false, number, atB));
            }
        }
        long leadingEndNs = unsubscribedNs + 1;
        arrivals.sort(Comparator.comparingLong(Arrival::atNs));

        SubscriptionMerge<Long> merge =
                new SubscriptionMerge<>(OVERLAP_NS, FIRST_SKEW_NS, maxHeldBytes, delivered::add, 0);
        TreeMap<Long, Runnable> steps = new TreeMap<>();
        steps.put(askedNs, () -> merge.onFollowingAsked(askedNs));
        steps.put(answeredNs + apartNs + 1, () -> merge.widen(apartNs, 4 * apartNs));
        steps.put(partingNs, () -> merge.onParting(sentNs));
        steps.put(leadingEndNs, () -> merge.onLeadingEnded(leadingEndNs));
        for (Arrival arrival : arrivals) {
            while (!steps.isEmpty() && steps.firstKey() <= arrival.atNs()) {
                steps.pollFirstEntry().getValue().run();
            }
            merge.onTick(arrival.atNs());
            long hash = contents.hash(arrival.number());
            if (arrival.leading()) {
                merge.onLeading(hash, arrival.number(), arrival.atNs());
            } else if (merge.isOver(arrival.atNs())) {
                delivered.add(arrival.number());
            } else {
                merge.onFollowing(hash, arrival.number(), 1, arrival.atNs());
            }
        }
        steps.values().forEach(Runnable::run);
        merge.onTick(endNs);
        assertThat(merge.isOver(endNs + SECONDS.toNanos(1))).isTrue();
        return new Outcome(published, merge.counts());
    }

    private long throughB(long timeNs) {
        return timeNs >= stallFromNs && timeNs < stallUntilNs ? stallUntilNs : timeNs;
    }

    private static List<Long> numbers(long count) {
        return LongStream.range(0, count).boxed().toList();
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }
}
