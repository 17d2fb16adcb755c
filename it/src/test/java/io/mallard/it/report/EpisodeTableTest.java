package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.judge.Findings;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.SampleRun;
import io.mallard.it.run.Stretch;
import org.junit.jupiter.api.Test;

class EpisodeTableTest {
    private final RunResult result = new SampleRun()
            .failed(3, "no reply")
            .refused(5, "buffer full")
            .lost(7)
            .result();
    private final EpisodeTable table = EpisodeTable.of(result);

    @Test
    void leavesNoFailureAndNoLossOutsideARow() {
        Stretch whole = result.whole();
        Findings findings = whole.findings();
        assertThat(sum("requests")).isEqualTo(whole.requests());
        assertThat(sum("failed")).isEqualTo(whole.failed());
        assertThat(sum("published")).isEqualTo(findings.published());
        assertThat(sum("refused")).isEqualTo(findings.refused());
        assertThat(sum("lost")).isEqualTo(findings.lost());
        assertThat(sum("duplicated")).isEqualTo(findings.duplicated());
        assertThat(sum("reordered")).isEqualTo(findings.reordered());
    }

    @Test
    void namesItsRowsAfterTheTimesOfTheRun() {
        assertThat(table.rows().stream().map(row -> row.get(0))).containsExactly("warm-up", "1", "2", "rest");
    }

    private long sum(String column) {
        int index = EpisodeTable.HEADER.indexOf(column);
        return table.rows().stream()
                .mapToLong(row -> Long.parseLong(row.get(index)))
                .sum();
    }
}
