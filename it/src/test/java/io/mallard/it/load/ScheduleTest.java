package io.mallard.it.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static final long START_NS = -5_000_000_000L;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000, 5000})
    void countsExactlyTheEventsBeforeATime(int perSecond) {
        Schedule schedule = new Schedule(START_NS, perSecond);

        for (long number : new long[] {0, 1, 2, 999, 5000, 1_234_567}) {
            assertThat(schedule.dueBy(schedule.intendedNs(number))).isEqualTo(number);
            assertThat(schedule.dueBy(schedule.intendedNs(number) + 1)).isEqualTo(number + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5000})
    void keepsItsRateForDays(int perSecond) {
        long days = TimeUnit.DAYS.toSeconds(10);

        assertThat(new Schedule(START_NS, perSecond).intendedNs(days * perSecond))
                .isEqualTo(START_NS + TimeUnit.SECONDS.toNanos(days));
    }
}
