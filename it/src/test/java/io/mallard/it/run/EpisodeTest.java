package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EpisodeTest {
    @Test
    void isFlawlessWhenNothingHappenedButTheMove() {
        assertThat(new SampleRun().flawedEpisode(0).isFlawless()).isTrue();
    }

    @Test
    void isNotFlawlessWithAnyFlawInAnyDirection() {
        assertThat(new SampleRun().failed(1, "no reply").flawedEpisode(0).isFlawless())
                .isFalse();
        assertThat(new SampleRun().refused(1, "full").flawedEpisode(0).isFlawless())
                .isFalse();
        assertThat(new SampleRun().lost(1).flawedEpisode(0).isFlawless()).isFalse();
        assertThat(new SampleRun().duplicated(1).flawedEpisode(0).isFlawless()).isFalse();
        assertThat(new SampleRun().reordered(1).flawedEpisode(0).isFlawless()).isFalse();
        assertThat(new SampleRun().receivesLost(1).flawedEpisode(0).isFlawless())
                .isFalse();
        assertThat(new SampleRun().receivesDuplicated(1).flawedEpisode(0).isFlawless())
                .isFalse();
        assertThat(new SampleRun().receivesReordered(1).flawedEpisode(0).isFlawless())
                .isFalse();
        assertThat(new SampleRun().stayedOn("n1").flawedEpisode(0).isFlawless()).isFalse();
    }
}
