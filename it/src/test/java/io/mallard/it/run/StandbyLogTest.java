package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.load.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandbyLogTest {
    private final StandbyLog log = new StandbyLog();

    @Test
    void countsTheMomentsInTheWindowsAndThoseWithAStandby() {
        log.add(1, false);
        log.add(2, true);
        log.add(3, false);
        log.add(4, true);
        log.add(5, true);

        Share share = log.readyIn(List.of(new Window(1, 2), new Window(2.5, 4)));

        assertThat(share).isEqualTo(new Share(2, 3));
    }

    @Test
    void knowsNothingOfATimeWithoutMoments() {
        log.add(1, true);

        assertThat(log.readyIn(List.of(new Window(1, 2))).percent()).isEmpty();
    }
}
