package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.run.RunResult;
import io.mallard.it.run.SampleRun;
import io.mallard.it.run.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    private static final Pattern MARKER = Pattern.compile("class=\"lame-duck\" data-at=\"([0-9.]+)\"");

    @TempDir
    private Path directory;

    @Test
    void needsNothingFromElsewhere() throws IOException {
        String html = report(new SampleRun().failed(2, "no reply").result());

        assertThat(html).doesNotContain("http").doesNotContain("//").doesNotContain("@import");
        assertThat(html).contains("var uPlot=").contains(".uplot");
    }

    @Test
    void marksTheLameDuckMomentOfEveryEpisode() throws IOException {
        String html = report(new SampleRun().result());

        assertThat(MARKER.matcher(html).results().map(marker -> marker.group(1)))
                .containsExactly("3.200", "7.500");
    }

    @Test
    void showsVerdictTableAndEnvironment() throws IOException {
        String html = report(new SampleRun().lost(4).result());

        assertThat(html)
                .contains("class=\"verdict broken\"")
                .contains("lost=4")
                .contains("<li>4 accepted publishes did not reach every receiver</li>")
                .contains("<td>n1 → n2</td>")
                .contains("<dd>2.10.27</dd>")
                .contains("<dd>2026-01-02</dd>")
                .contains("<dd>demo --rounds=1</dd>");
    }

    @Test
    void drawsALineForEachDirection() throws IOException {
        assertThat(report(new SampleRun().result()))
                .containsPattern("\"requests\":\\{[^}]*\"p99\"")
                .containsPattern("\"deliveries\":\\{[^}]*\"p99\"")
                .containsPattern("\"receives\":\\{[^}]*\"p99\"");
    }

    @Test
    void leavesAGapWhereNothingWasMeasured() throws IOException {
        assertThat(report(new SampleRun().result())).contains("null");
    }

    @Test
    void doesNotTakeWordsOfTheRunForMarkup() throws IOException {
        assertThat(report(new SampleRun().trouble("<script>alert(1)</script>").result()))
                .doesNotContain("<script>alert")
                .contains("&lt;script&gt;alert(1)");
    }

    private String report(RunResult result) throws IOException {
        Path file = directory.resolve("deep").resolve("report.html");
        HtmlReport.write(
                file,
                result,
                Verdict.of(result),
                new Environment(result.serverVersion(), LocalDate.of(2026, 1, 2), "demo --rounds=1"));
        return Files.readString(file);
    }
}
