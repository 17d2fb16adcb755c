package io.mallard.internal.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineWheelTest {
    private static final long MS = 1_000_000;
    /** More than once around the wheel. */
    private static final long LAP_NS = 5_000 * MS;

    private static final class Deadline extends DeadlineWheel.Entry<Deadline> {
        Deadline(long deadlineNs) {
            super(deadlineNs);
        }
    }

    private final List<Deadline> expired = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {0, -LAP_NS, 123_456_789, Long.MAX_VALUE - LAP_NS / 2})
    void expiresAtTheDeadlineAndNotANanosecondEarlier(long startNs) {
        for (long afterNs : new long[] {1, MS - 1, MS, 17 * MS + 3, LAP_NS, 3 * LAP_NS + 1}) {
            DeadlineWheel<Deadline> wheel = new DeadlineWheel<>(startNs);
            Deadline entry = new Deadline(startNs + afterNs);
            assertThat(wheel.add(entry)).isTrue();

            wheel.expire(startNs + afterNs - 1, expired::add);
            assertThat(expired).isEmpty();
            assertThat(wheel.expire(startNs + afterNs, expired::add)).isEqualTo(Long.MAX_VALUE);
            assertThat(expired).containsExactly(entry);
            expired.clear();
        }
    }

    @Test
    void aDeadlineAlreadyPastIsDueAtOnce() {
        DeadlineWheel<Deadline> wheel = new DeadlineWheel<>(10 * LAP_NS);
        Deadline past = new Deadline(LAP_NS);
        wheel.add(past);

        wheel.expire(10 * LAP_NS, expired::add);

        assertThat(expired).containsExactly(past);
    }

    @Test
    void aDeadlineAddedBehindASweepIsNotMissed() {
        DeadlineWheel<Deadline> wheel = new DeadlineWheel<>(0);
        wheel.add(new Deadline(LAP_NS));
        wheel.expire(LAP_NS, expired::add);
        Deadline late = new Deadline(LAP_NS - 100 * MS);
        wheel.add(late);

        wheel.expire(LAP_NS + 1, expired::add);

        assertThat(expired).hasSize(2).last().isSameAs(late);
    }

    @Test
    void leavesAnEntryOfALaterLapInItsSlot() {
        DeadlineWheel<Deadline> wheel = new DeadlineWheel<>(0);
        long lapOfTheWheelNs = 4096L << 20;
        Deadline now = new Deadline(10 * MS);
        Deadline later = new Deadline(10 * MS + 2 * lapOfTheWheelNs);
        wheel.add(later);
        wheel.add(now);

        wheel.expire(11 * MS, expired::add);
        assertThat(expired).containsExactly(now);
        wheel.expire(11 * MS + lapOfTheWheelNs, expired::add);
        assertThat(expired).containsExactly(now);
        wheel.expire(10 * MS + 2 * lapOfTheWheelNs, expired::add);
        assertThat(expired).containsExactly(now, later);
    }

    @Test
    void aDeadlineInCenturiesHidesNoneInSeconds() {
        DeadlineWheel<Deadline> wheel = new DeadlineWheel<>(-MS);
        wheel.add(new Deadline(Long.MAX_VALUE - 1)); // Further from the start than a long can say.
        wheel.add(new Deadline(4_100 * MS));
        wheel.add(new Deadline(4_900 * MS));

        assertThat(wheel.expire(4_100 * MS, expired::add)).isBetween(1L, 800 * MS);
        wheel.expire(4_900 * MS, expired::add);

        assertThat(expired).extracting(due -> due.deadlineNs).containsExactly(4_100 * MS, 4_900 * MS);
    }

    @Test
    void onlyTheEarliestDeadlineAsksForTheLoop() {
        DeadlineWheel<Deadline> wheel = new DeadlineWheel<>(0);

        assertThat(wheel.add(new Deadline(20 * MS))).isTrue();
        assertThat(wheel.add(new Deadline(30 * MS))).isFalse();
        assertThat(wheel.add(new Deadline(20 * MS))).isFalse();
        assertThat(wheel.add(new Deadline(20 * MS - 1))).isTrue();
    }

    @Test
    void aRemovedEntryDoesNotExpireAndMayBeRemovedAgain() {
        DeadlineWheel<Deadline> wheel = new DeadlineWheel<>(0);
        Deadline first = new Deadline(MS);
        Deadline middle = new Deadline(MS);
        Deadline last = new Deadline(MS);
        wheel.add(first);
        wheel.add(middle);
        wheel.add(last);

        wheel.remove(middle);
        wheel.remove(middle);
        wheel.remove(new Deadline(MS));
        wheel.expire(MS, expired::add);

        assertThat(expired).containsExactlyInAnyOrder(first, last);
        wheel.remove(first);
        assertThat(wheel.expire(2 * MS, expired::add)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void nothingToWaitForIsForEver() {
        assertThat(new DeadlineWheel<Deadline>(0).expire(1, expired::add)).isEqualTo(Long.MAX_VALUE);
    }

    /** Against a plain list, on a clock that jumps by anything from nanoseconds to laps. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void agreesWithAListOverRandomOperations(long seed) {
        Random random = new Random(seed);
        long nowNs = random.nextLong();
        DeadlineWheel<Deadline> wheel = new DeadlineWheel<>(nowNs);
        List<Deadline> model = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            int choice = random.nextInt(10);
            if (choice < 5) {
                Deadline entry = new Deadline(nowNs + random.nextLong(-MS, 1L << random.nextInt(1, 35)));
                model.add(entry);
                wheel.add(entry);
            } else if (choice < 8 && !model.isEmpty()) {
                wheel.remove(model.remove(random.nextInt(model.size())));
            } else {
                nowNs += random.nextLong(1L << random.nextInt(1, 33));
                long waitNs = wheel.expire(nowNs, expired::add);
                List<Deadline> due = dueAt(nowNs, model);
                model.removeAll(due);
                assertThat(expired).containsExactlyInAnyOrderElementsOf(due);
                expired.clear();
                assertThat(waitNs).isPositive();
                assertThat(dueAt(nowNs + waitNs - 1, model))
                        .as("due before the end of the wait")
                        .isEmpty();
            }
        }
    }

    private static List<Deadline> dueAt(long nowNs, List<Deadline> entries) {
        return entries.stream().filter(entry -> entry.deadlineNs - nowNs <= 0).toList();
    }
}
