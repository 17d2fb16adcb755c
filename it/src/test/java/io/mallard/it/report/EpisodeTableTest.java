package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.judge.Findings;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.SampleRun;
import io.mallard.it.run.Stretch;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EpisodeTableTest {
    private final RunResult result = new SampleRun()
            .failed(3, "no reply")
            .refused(5, "buffer full")
            .lost(7)
            .duplicated(2)
            .reordered(4)
            .receivesLost(11)
            .receivesDuplicated(13)
            .receivesReordered(17)
            .result();
    private final EpisodeTable table = EpisodeTable.of(result);

    @Test
    void leavesNoFailureAndNoLossOutsideARow() {
        Stretch whole = result.whole();
        Findings publishes = whole.publishes();
        Findings receives = whole.receives();
        int published = EpisodeTable.HEADER.indexOf("published");
        int received = EpisodeTable.HEADER.indexOf("received");
        assertThat(sum(EpisodeTable.HEADER.indexOf("requests"))).isEqualTo(whole.requests());
        assertThat(sum(EpisodeTable.HEADER.indexOf("failed"))).isEqualTo(whole.failed());
        assertThat(EpisodeTable.HEADER.subList(published, received))
                .containsExactly("published", "refused", "lost", "duplicated", "reordered");
        assertThat(sums(published, received))
                .containsExactly(
                        publishes.published(),
                        publishes.refused(),
                        publishes.lost(),
                        publishes.duplicated(),
                        publishes.reordered());
        assertThat(EpisodeTable.HEADER.subList(received, EpisodeTable.HEADER.size()))
                .containsExactly("received", "lost", "duplicated", "reordered");
        assertThat(sums(received, EpisodeTable.HEADER.size()))
                .containsExactly(receives.delivered(), receives.lost(), receives.duplicated(), receives.reordered());
    }

    @Test
    void namesItsRowsAfterTheTimesOfTheRun() {
        assertThat(table.rows().stream().map(row -> row.get(0))).containsExactly("warm-up", "1", "2", "rest");
    }

    @Test
    void alignsARowThatIsPrintedBeforeTheOthers() {
        String header = EpisodeTable.line(EpisodeTable.HEADER);

        assertThat(table.text().lines()).startsWith(header).allMatch(line -> line.length() == header.length());
    }

    @Test
    void picksTheEpisodesInWhichSomethingBrokeWithTheNumbersTheyHad() {
        EpisodeTable broken =
                EpisodeTable.broken(new SampleRun().stayedOn("n2").result()).orElseThrow();

        assertThat(broken.rows())
                .singleElement()
                .satisfies(row -> assertThat(row).startsWith("2", "n2 → n1"));
    }

    @Test
    void picksNothingFromAFlawlessRun() {
        assertThat(EpisodeTable.broken(new SampleRun().result())).isEmpty();
    }

    private List<Long> sums(int from, int to) {
        return IntStream.range(from, to).mapToObj(this::sum).toList();
    }

    private long sum(int column) {
        return table.rows().stream()
                .mapToLong(row -> Long.parseLong(row.get(column)))
                .sum();
    }
}
