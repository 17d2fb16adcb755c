package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.load.ClientFigures;
import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.Percentiles;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.SampleRun;
import io.mallard.it.targets.Target;
import io.mallard.it.targets.Targets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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

    @Test
    void showsThePercentilesCalmAndNot() throws IOException {
        assertThat(report(new SampleRun().requestP95(4321, 4.56).result()))
                .contains("<td>request</td><td>lame duck</td><td>4321</td><td>0.40</td><td>0.80</td><td>4.56</td>")
                .contains("<td>request</td><td>calm</td>")
                .contains("<em>Calm</em>: no episode under way");
    }

    @Test
    void showsTheLedgersOfAClientThatHasThem() throws IOException {
        assertThat(report(new SampleRun().result()))
                .contains("What the client says")
                .contains("<td>n1</td><td>n2</td><td>0.35</td><td>400.00</td><td>0.25</td>")
                .contains("<td>1234</td><td>0</td><td>0</td><td>yes</td><td>yes</td>");
        assertThat(report(new SampleRun().client(ClientFigures.NONE).result())).doesNotContain("What the client says");
    }

    @Test
    void showsTargetsToARunThatHasThem() throws IOException {
        RunResult result =
                new SampleRun().requestP95(100, 7.5).client(ClientFigures.NONE).result();

        assertThat(report(result, Targets.of(result)))
                .containsPattern("<tr class=\"does_not_hold\"><td>S97</td><td>end to end in lame duck</td>"
                        + "<td>&lt; 5 ms</td><td>7\\.50 ms \\(100 requests\\)</td><td>no</td>")
                .containsPattern("<tr class=\"not_measured\"><td>S96</td><td>overflow</td>"
                        + "<td>&lt; 0\\.1 %</td><td>not measured</td><td>\\?</td>");
        assertThat(report(result)).doesNotContain("<h2>Targets");
    }

    @Test
    void drawsTheWorstOfWhatOnePointStandsFor() throws IOException {
        List<Sample> samples = IntStream.range(0, 12_000)
                .mapToObj(i -> new Sample(i / 10.0, new Percentiles(1, 1, 1, 1, 2, 2, i == 4321 ? 77.25 : 3)))
                .toList();

        String html = report(new SampleRun().samples(samples).result());

        assertThat(html).contains("per 200 ms").contains("77.25").doesNotContain("per 100 ms");
    }

    private String report(RunResult result) throws IOException {
        return report(result, List.of());
    }

    private String report(RunResult result, List<Target> targets) throws IOException {
        Path file = directory.resolve("deep").resolve("report.html");
        Environment environment = new Environment(result.serverVersion(), LocalDate.of(2026, 1, 2), "demo --rounds=1");
        HtmlReport.write(file, Outcome.of(result, environment), targets);
        return Files.readString(file);
    }
}
