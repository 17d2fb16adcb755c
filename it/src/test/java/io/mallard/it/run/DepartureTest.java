package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.run.Whereabouts.Sighting;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DepartureTest {
    private static final int LAME = 0;
    private static final int OTHER = 1;
    private static final Set<Integer> BOTH = Set.of(LAME, OTHER);

    private boolean evicting;
    private final Departure departure = new Departure(LAME, () -> evicting);

    @Test
    void isCompleteWhenTheClientIsBusyElsewhereAndGoneBeforeTheEvictions() {
        departure.onSighting(new Sighting(BOTH, BOTH, BOTH), Duration.ofMillis(20));
        assertThat(departure.isComplete()).isFalse();

        departure.onSighting(new Sighting(BOTH, Set.of(OTHER), Set.of(OTHER)), Duration.ofMillis(999));

        assertThat(departure.isComplete()).isTrue();
        assertThat(departure.destination()).hasValue(OTHER);
        assertThat(departure.taken()).isEqualTo(Duration.ofMillis(20));
    }

    @Test
    void isNoDepartureToBeEvictedAndToComeBackElsewhere() {
        departure.onSighting(new Sighting(BOTH, Set.of(LAME), Set.of(LAME)), Duration.ofMillis(990));

        evicting = true;
        departure.onSighting(new Sighting(BOTH, Set.of(OTHER), Set.of(OTHER)), Duration.ofMillis(1010));

        assertThat(departure.isComplete()).isFalse();
        assertThat(departure.destination()).hasValue(OTHER);
    }

    @Test
    void staysCompleteWhenTheOthersAreEvicted() {
        departure.onSighting(new Sighting(BOTH, Set.of(OTHER), Set.of(OTHER)), Duration.ofMillis(600));
        evicting = true;
        departure.onSighting(new Sighting(BOTH, Set.of(OTHER), Set.of(OTHER)), Duration.ofMillis(1010));

        assertThat(departure.isComplete()).isTrue();
    }

    @Test
    void isNoDepartureToBeUnheardOfByAServerThatDoesNotAnswer() {
        departure.onSighting(new Sighting(Set.of(OTHER), Set.of(OTHER), Set.of(OTHER)), Duration.ofMillis(500));

        assertThat(departure.isComplete()).isFalse();
    }

    @Test
    void isNoDepartureToBeNowhere() {
        departure.onSighting(new Sighting(BOTH, Set.of(), Set.of()), Duration.ofMillis(500));

        assertThat(departure.isComplete()).isFalse();
        assertThat(departure.destination()).isEmpty();
    }
}
