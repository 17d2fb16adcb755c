package io.mallard.it.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.TickStore.Tick;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TickStoreTest {
    private static final int TICKS = 7 * TickStore.BLOCK_TICKS / 2;

    @Test
    void givesBackWhatIsInMemoryAndWhatIsInTheFile() {
        try (TickStore store = new TickStore()) {
            for (int i = 1; i <= TICKS; i++) {
                store.add(tick(i));
            }

            List<Tick> all = shown(store, new Window(0, TICKS));

            assertThat(all).hasSize(TICKS);
            for (int i = 1; i <= TICKS; i++) {
                assertThat(all.get(i - 1).sample()).isEqualTo(tick(i).sample());
                assertThat(all.get(i - 1).histogram()).isEqualTo(tick(i).histogram());
            }
        }
    }

    @Test
    void showsAWindowWhereverItsTicksAre() {
        try (TickStore store = new TickStore()) {
            for (int i = 1; i <= TICKS; i++) {
                store.add(tick(i));
            }
            for (int from = 0; from < TICKS; from++) {
                assertThat(shown(store, new Window(from, from + 3)))
                        .extracting(tick -> tick.sample().atSeconds())
                        .first()
                        .isEqualTo(from + 1.0);
            }
            assertThat(shown(store, new Window(TICKS, TICKS + 1))).isEmpty();
        }
    }

    private static List<Tick> shown(TickStore store, Window window) {
        List<Tick> ticks = new ArrayList<>();
        store.forEach(window, ticks::add);
        return ticks;
    }

    private static Tick tick(int i) {
        return new Tick(new Sample(i, new Percentiles(i, 0.1, 0.2, 0.3, 0.4, 0.5, i / 3.0)), new byte[] {(byte) i, 2});
    }
}
