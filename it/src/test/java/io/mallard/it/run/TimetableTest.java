package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimetableTest {
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

    @Test
    void letsAServerGoLameEvery10To15Seconds() {
        List<Duration> lameDucks = over(FIVE_MINUTES, 1).lameDucks();

        assertThat(IntStream.range(0, lameDucks.size())
                        .mapToObj(i ->
                                i == 0 ? lameDucks.get(0) : lameDucks.get(i).minus(lameDucks.get(i - 1))))
                .hasSizeBetween(19, 30)
                .allSatisfy(interval -> assertThat(interval).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15)))
                .doesNotHaveDuplicates();
    }

    @Test
    void beginsNothingThatWouldOutlastTheTime() {
        for (int seed = 0; seed < 1000; seed++) {
            assertThat(over(FIVE_MINUTES, seed).lameDucks())
                    .allSatisfy(due -> assertThat(due).isLessThanOrEqualTo(FIVE_MINUTES.minusSeconds(5)));
        }
    }

    @Test
    void hasALameDuckInTheShortestTime() {
        for (int seed = 0; seed < 1000; seed++) {
            assertThat(over(Timetable.SHORTEST, seed).lameDucks()).isNotEmpty();
        }
    }

    @Test
    void isTheSameForTheSameSeed() {
        assertThat(over(FIVE_MINUTES, 7)).isEqualTo(over(FIVE_MINUTES, 7)).isNotEqualTo(over(FIVE_MINUTES, 8));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 19, 3601})
    void refusesATimeThatIsTooShortOrTooLong(int seconds) {
        assertThatThrownBy(() -> over(Duration.ofSeconds(seconds), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("duration=" + seconds + "s, must be 20s to 60m");
    }

    @Test
    void letsAServerGoLameWheneverTheIntervalIsOver() {
        List<Duration> lameDucks =
                Timetable.every(Duration.ofSeconds(10), Duration.ofHours(1)).lameDucks();

        assertThat(lameDucks).hasSize(359).startsWith(Duration.ofSeconds(10), Duration.ofSeconds(20));
        assertThat(lameDucks.get(358)).isEqualTo(Duration.ofSeconds(3590));
    }

    @Test
    void refusesAnIntervalWithoutRoomForAnEpisodeAndATimeWithoutRoomForOne() {
        assertThatThrownBy(() -> Timetable.every(Duration.ofSeconds(4), FIVE_MINUTES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("episode-every=4s, must be at least 5s, which an episode takes");
        assertThatThrownBy(() -> Timetable.every(Duration.ofSeconds(10), Duration.ofSeconds(14)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("duration=14s, must be 15s to 60m");
    }

    @Test
    void makesEpisodesInARowDueAtOnce() {
        assertThat(Timetable.inARow(3))
                .isEqualTo(new Timetable(List.of(Duration.ZERO, Duration.ZERO, Duration.ZERO), Duration.ZERO));
    }

    @Test
    void countsTheEpisodesOfARowAsProgress() {
        assertThat(Timetable.inARow(4).done(1, 1000)).isEqualTo(0.25);
    }

    @Test
    void takesTheClockForProgressWhereItEndsTheRun() {
        Timetable timetable = over(FIVE_MINUTES, 1);

        assertThat(timetable.done(0, 75)).isEqualTo(0.25);
        assertThat(timetable.done(25, 301)).isEqualTo(1);
    }

    private static Timetable over(Duration duration, int seed) {
        return Timetable.over(duration, new Random(seed));
    }
}
