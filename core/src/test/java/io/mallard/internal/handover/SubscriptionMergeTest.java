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
import org.junit.jupiter.api.Test;
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
    private static final long SID = 7;

    private record Stall(long fromNs, long untilNs) {}

    private record Arrival(boolean leading, long number, long atNs) {}

    private long beganNs;
    /** When B stands still. */
    private final List<Stall> stalls = new ArrayList<>();
    /** How long behind the end of the leading stream the merge was over, to the next arrival. */
    private long overAfterNs;

    private final List<Long> delivered = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("seeds")
    void deliversDistinctMessagesOnceAndInOrder(long seed) {
        Random random = new Random(seed);
        long spacingNs = MICROSECONDS.toNanos(20 + random.nextInt(5_000));
        long maxDelayNs = MILLISECONDS.toNanos(1 + random.nextInt(60));

        Outcome outcome = run(random, spacingNs, maxDelayNs, number -> number, NO_LIMIT);

        assertThat(delivered).containsExactlyElementsOf(numbers(outcome.published()));
        assertThat(outcome.counts().ambiguous()).isZero();
        assertThat(overAfterNs).as("no copy is waited for").isLessThan(OVERLAP_NS);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 20, 30, 60, 100, 150, 260, 500, 700})
    void deliversIdenticalMessagesSpacedBeyondTheSkewOnce(int spacingMs) {
        for (long seed = 0; seed < 200; seed++) {
            delivered.clear();
            Random random = new Random(seed);

            beganNs = MICROSECONDS.toNanos(random.nextInt(1_000 * spacingMs));
            Outcome outcome =
                    run(random, MILLISECONDS.toNanos(spacingMs), MILLISECONDS.toNanos(2), number -> 42, NO_LIMIT);

            assertThat(delivered).as("seed %d", seed).containsExactlyElementsOf(numbers(outcome.published()));
            if (MILLISECONDS.toNanos(spacingMs)
                    < OVERLAP_NS) { // Otherwise each stream may have one that the other has not.
                assertThat(outcome.counts().ambiguous()).as("seed %d", seed).isZero();
            }
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
        stall(MILLISECONDS.toNanos(80 + random.nextInt(400)), MILLISECONDS.toNanos(130 + random.nextInt(600)));

        Outcome outcome = run(random, MILLISECONDS.toNanos(1), MILLISECONDS.toNanos(2), number -> number, NO_LIMIT);

        assertThat(delivered).containsExactlyElementsOf(numbers(outcome.published()));
        assertThat(outcome.counts().ambiguous()).isZero();
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
    void losesNoneOfIdenticalMessagesWhenTheFollowingStreamStandsStillAndSaysWhenItRepeatsSome(long seed) {
        Random random = new Random(seed);
        stall(MILLISECONDS.toNanos(80 + random.nextInt(600)), MILLISECONDS.toNanos(10 + random.nextInt(600)));

        assertRepeatsAreCounted(run(random, MILLISECONDS.toNanos(50), MILLISECONDS.toNanos(2), number -> 42, NO_LIMIT));
    }

    /** Standing still for about as long as two messages are apart shifts the pairs by one: the copy left over is still owed. */
    @ParameterizedTest
    @ValueSource(ints = {10, 20, 30, 50})
    void saysWhenItRepeatsAnIdenticalMessageAfterSeveralStalls(int spacingMs) {
        int repeated = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            delivered.clear();
            stalls.clear();
            beganNs = MICROSECONDS.toNanos(random.nextInt(1_000 * spacingMs));
            for (int i = 0; i <= seed % 3; i++) {
                stall(
                        MILLISECONDS.toNanos(90 + random.nextInt(600)),
                        MICROSECONDS.toNanos(500 + random.nextInt(2_000 * spacingMs)));
            }

            Outcome outcome =
                    run(random, MILLISECONDS.toNanos(spacingMs), MILLISECONDS.toNanos(2), number -> 42, NO_LIMIT);

            assertRepeatsAreCounted(outcome);
            repeated += delivered.size() > outcome.published() ? 1 : 0;
        }
        assertThat(repeated).as("the fault: copies that nobody can tell").isPositive();
    }

    private void assertRepeatsAreCounted(Outcome outcome) {
        assertThat(new HashSet<>(delivered)).hasSize((int) outcome.published());
        boolean repeats = delivered.size() > outcome.published();
        assertThat(!repeats || outcome.counts().ambiguous() > 0)
                .as("%d delivered of %d, %s", delivered.size(), outcome.published(), outcome.counts())
                .isTrue();
    }

    /** A heartbeat, of which one may be the only one that either stream carries. */
    @ParameterizedTest
    @MethodSource("seeds")
    void theNextFollowerIsAsExactAsTheOneThatWasLost(long seed) {
        Random random = new Random(seed);
        long periodNs = MILLISECONDS.toNanos(50 + random.nextInt(900));
        long lostNs = MILLISECONDS.toNanos(110 + random.nextInt(300));
        long unsubscribedNs = lostNs + MILLISECONDS.toNanos(600);
        SubscriptionMerge<Long> merge = merge(NO_LIMIT);
        TreeMap<Long, Runnable> steps = new TreeMap<>();
        steps.put(MILLISECONDS.toNanos(100), () -> merge.onFollowingAsked(MILLISECONDS.toNanos(100)));
        steps.put(MILLISECONDS.toNanos(101), () -> merge.onFollowingAnswered(MILLISECONDS.toNanos(101)));
        steps.put(Math.min(MILLISECONDS.toNanos(230), lostNs - 1), merge::onParting);
        steps.put(lostNs, merge::onFollowingLost);
        long askedNs = lostNs + MILLISECONDS.toNanos(300);
        steps.put(askedNs, () -> merge.onFollowingAsked(askedNs));
        steps.put(askedNs + 1, () -> merge.onFollowingAnswered(askedNs));
        steps.put(unsubscribedNs - OVERLAP_NS / 2, merge::onParting);
        steps.put(unsubscribedNs, () -> merge.onLeadingEnded(unsubscribedNs));
        long published = 0;
        long endNs = unsubscribedNs + SECONDS.toNanos(3);
        for (long atNs = random.nextInt((int) periodNs); atNs < endNs; atNs += periodNs) {
            long nowNs = atNs;
            long number = published++;
            while (!steps.isEmpty() && steps.firstKey() <= nowNs) {
                steps.pollFirstEntry().getValue().run();
            }
            merge.onTick(nowNs);
            boolean onFirst = nowNs >= MILLISECONDS.toNanos(100) && nowNs < lostNs;
            if (nowNs < unsubscribedNs) {
                merge.onLeading(42, SID, number, nowNs);
            }
            if (merge.isOver(nowNs)) {
                delivered.add(number);
            } else if (onFirst || nowNs >= askedNs) {
                merge.onFollowing(42, SID, number, 1, nowNs);
            }
        }

        assertThat(delivered).containsExactlyElementsOf(numbers(published));
        assertThat(merge.counts().ambiguous()).isZero();
    }

    /** On its way to the next server for longer than half an overlap, by a route that nothing else takes. */
    @Test
    void aCopyOfTheFirstHalfThatComesTooLateIsCounted() {
        SubscriptionMerge<Long> merge = merge(NO_LIMIT);
        merge.onFollowingAsked(0);
        merge.onFollowingAnswered(0);
        merge.onLeading(42, SID, 1L, MILLISECONDS.toNanos(60));
        merge.onParting();
        merge.onTick(MILLISECONDS.toNanos(250));
        merge.onLeadingEnded(MILLISECONDS.toNanos(250));
        merge.onTick(MILLISECONDS.toNanos(260));
        assertThat(merge.isOver(MILLISECONDS.toNanos(260))).isFalse();

        merge.onFollowing(42, SID, 1L, 1, MILLISECONDS.toNanos(260));

        assertThat(delivered).containsExactly(1L, 1L);
        assertThat(merge.counts().ambiguous()).isEqualTo(1);
        merge.onTick(MILLISECONDS.toNanos(251 + 125));
        assertThat(merge.isOver(MILLISECONDS.toNanos(251 + 125)))
                .as("it is not waited for any longer")
                .isTrue();
    }

    /** Others have subscribed there before, and what its server was sent for them it has not looked at yet. */
    @Test
    void aServerThatIsLateHasACopyOfWhatCameBeforeItWasAsked() {
        SubscriptionMerge<Long> merge = merge(NO_LIMIT);
        merge.onLeading(42, SID, 1L, MILLISECONDS.toNanos(95));
        merge.onFollowingAsked(MILLISECONDS.toNanos(96));
        merge.onFollowingAnswered(MILLISECONDS.toNanos(140));

        merge.onFollowing(42, SID, 1L, 1, MILLISECONDS.toNanos(150));
        merge.onParting();
        merge.onLeadingEnded(MILLISECONDS.toNanos(400));

        assertThat(delivered).containsExactly(1L);
        assertThat(merge.counts().duplicatesDropped()).isEqualTo(1);
    }

    @Test
    void nothingIsOwedToASubscriptionThatHasEnded() {
        SubscriptionMerge<Long> merge = merge(NO_LIMIT);
        merge.onFollowingAsked(0);
        merge.onFollowingAnswered(0);
        merge.onLeading(42, SID, 1L, MILLISECONDS.toNanos(200));
        merge.onUnsubscribed(SID);
        merge.onParting();
        merge.onLeadingEnded(MILLISECONDS.toNanos(250));

        merge.onTick(MILLISECONDS.toNanos(250));

        assertThat(merge.isOver(MILLISECONDS.toNanos(250))).isTrue();
        assertThat(merge.counts().ambiguous()).isZero();
    }

    /** Its copy is sure to come; who waits a second for it in vain says so. */
    @Test
    void whatIsOwedAtTheEndIsCounted() {
        SubscriptionMerge<Long> merge = merge(NO_LIMIT);
        merge.onFollowingAsked(0);
        merge.onFollowingAnswered(0);
        merge.onLeading(42, SID, 1L, MILLISECONDS.toNanos(200));
        merge.onParting();
        merge.onLeadingEnded(MILLISECONDS.toNanos(250));
        merge.onTick(MILLISECONDS.toNanos(1_200));
        assertThat(merge.isOver(MILLISECONDS.toNanos(1_200))).isFalse();

        merge.onTick(MILLISECONDS.toNanos(1_250));

        assertThat(merge.isOver(MILLISECONDS.toNanos(1_250))).isTrue();
        assertThat(merge.counts().ambiguous()).isEqualTo(1);
    }

    private interface ContentOf {
        long hash(long number);
    }

    private record Outcome(long published, SubscriptionMerge.Counts counts) {}

    private Outcome run(Random random, long spacingNs, long maxDelayNs, ContentOf contents, long maxHeldBytes) {
        long askedNs = MILLISECONDS.toNanos(100);
        long answeredNs = throughB(askedNs);
        long subscribedNs = answeredNs + (long) (maxDelayNs * random.nextDouble());
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

        SubscriptionMerge<Long> merge = merge(maxHeldBytes);
        TreeMap<Long, Runnable> steps = new TreeMap<>();
        steps.put(askedNs, () -> merge.onFollowingAsked(askedNs));
        steps.put(answeredNs + 1, () -> merge.onFollowingAnswered(answeredNs));
        steps.put(answeredNs + apartNs + 2, () -> merge.widen(apartNs, 4 * apartNs));
        steps.put(partingNs, () -> merge.onParting());
        steps.put(leadingEndNs, () -> merge.onLeadingEnded(leadingEndNs));
        for (Arrival arrival : arrivals) {
            while (!steps.isEmpty() && steps.firstKey() <= arrival.atNs()) {
                steps.pollFirstEntry().getValue().run();
            }
            merge.onTick(arrival.atNs());
            if (merge.isOver(arrival.atNs()) && overAfterNs == 0) {
                overAfterNs = arrival.atNs() - leadingEndNs;
            }
            long hash = contents.hash(arrival.number());
            if (arrival.leading()) {
                merge.onLeading(hash, SID, arrival.number(), arrival.atNs());
            } else if (merge.isOver(arrival.atNs())) {
                delivered.add(arrival.number());
            } else {
                merge.onFollowing(hash, SID, arrival.number(), 1, arrival.atNs());
            }
        }
        steps.values().forEach(Runnable::run);
        merge.onTick(endNs);
        assertThat(merge.isOver(leadingEndNs + SECONDS.toNanos(1) + spacingNs) || merge.isOver(endNs))
                .isTrue();
        return new Outcome(published, merge.counts());
    }

    private SubscriptionMerge<Long> merge(long maxHeldBytes) {
        return new SubscriptionMerge<>(OVERLAP_NS, FIRST_SKEW_NS, maxHeldBytes, delivered::add, 0);
    }

    private long throughB(long timeNs) {
        long untilNs = timeNs;
        for (Stall stall : stalls) {
            untilNs = untilNs >= stall.fromNs && untilNs < stall.untilNs ? stall.untilNs : untilNs;
        }
        return untilNs;
    }

    private void stall(long fromNs, long lengthNs) {
        stalls.add(new Stall(fromNs, fromNs + lengthNs));
    }

    private static List<Long> numbers(long count) {
        return LongStream.range(0, count).boxed().toList();
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }
}
