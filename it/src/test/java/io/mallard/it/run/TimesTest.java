package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.judge.DeliveryLedger.Position;
import io.mallard.it.load.Window;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TimesTest {
    private final Window whole = new Window(3, 40);
    private final Times times = Times.of(whole, List.of(episode(10), episode(25)));

    @Test
    void countsALameDuckFromItsSignalToTheExit() {
        assertThat(times.lameDuck()).containsExactly(new Window(10.5, 13), new Window(25.5, 28));
    }

    @Test
    void countsAReplacementUntilTheServerRunsAgain() {
        assertThat(times.replacement()).containsExactly(new Window(10.5, 14), new Window(25.5, 29));
    }

    @Test
    void callsCalmWhatIsInNoEpisode() {
        assertThat(times.calm()).containsExactly(new Window(3, 10), new Window(15, 25), new Window(30, 40));
    }

    @Test
    void isCalmAllTheTimeWithoutEpisodes() {
        assertThat(Times.of(whole, List.of())).isEqualTo(new Times(whole, List.of(whole), List.of(), List.of()));
    }

    private static Episode episode(double began) {
        return new Episode(
                "n1",
                "n2",
                true,
                began + 0.5,
                began + 3,
                began + 4,
                OptionalDouble.empty(),
                11,
                20,
                OptionalLong.empty(),
                mark(began),
                mark(began + 5));
    }

    private static Mark mark(double atSeconds) {
        return new Mark(atSeconds, 0, 0, new Position(List.of()), new Position(List.of()));
    }
}
