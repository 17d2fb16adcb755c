package io.mallard.it.preset;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.Outcome;
import io.mallard.it.run.RunObserver;
import io.mallard.it.run.RunObserver.Snapshot;
import io.mallard.it.run.RunOptions;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.SampleRun;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PresetTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Console console = new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);

    @Test
    void stressPrintsAndWritesPercentilesAndTargets() {
        Stress stress = parsed(new Stress(), "--duration=2m", "--rps=500", "--threads=4", report(), results());

        stress.tell(outcome(new SampleRun()), console);

        assertThat(printed())
                .contains("request              lame duck   4000  0.40  0.80  4.10  6.50   9.25  12.30")
                .containsPattern("S97 +end to end in lame duck +< 5 ms +4.10 ms \\(4,000 requests\\) +yes +P95 of");
        assertThat(directory.resolve("RESULTS.md"))
                .content()
                .contains("<!-- begin stress 2.10 -->")
                .contains(
                        "## Stress: 120 s at 500 requests per second on 4 threads, 2 lame ducks, nats-server 2.10: passed")
                .contains("| S97 | end to end in lame duck | < 5 ms | 4.10 ms (4,000 requests) | yes | P95 of")
                .contains("| request | lame duck | 4000 | 0.40 |")
                .contains("| request, p95, ms added | 2 |");
        assertThat(directory.resolve("report.html")).content().contains("<h2>Targets</h2>");
    }

    @Test
    void stressTakesItsTimeAndItsThreads() {
        RunOptions options = parsed(new Stress(), "--duration=90", "--rps=500", "--threads=4")
                .options();

        assertThat(options.timetable().atLeast()).isEqualTo(Duration.ofSeconds(90));
        assertThat(options.rates().requests()).isEqualTo(500);
        assertThat(options.requesterThreads()).isEqualTo(4);
    }

    @Test
    void stressHasASectionOfItsOwnForEveryNumberOfStandbys() {
        parsed(new Stress(), report(), results()).tell(outcome(new SampleRun()), console);
        parsed(new Stress(), "--standbys=0", report(), results()).tell(outcome(new SampleRun()), console);
        parsed(new Stress(), "--standbys=2", report(), results()).tell(outcome(new SampleRun()), console);

        assertThat(directory.resolve("RESULTS.md"))
                .content()
                .contains("<!-- begin stress 2.10 -->")
                .contains("<!-- begin stress on demand 2.10 -->")
                .contains("<!-- begin stress 2 standbys 2.10 -->");
        assertThat(parsed(new Stress(), "--standbys=2").options().hotSwap().standbys())
                .isEqualTo(2);
    }

    @Test
    void zeroDowntimeWritesPercentilesAndNoTargets() {
        ZeroDowntime zeroDowntime = parsed(new ZeroDowntime(), report(), results());

        zeroDowntime.tell(outcome(new SampleRun()), console);

        assertThat(printed()).contains("request              lame duck   4000").doesNotContain("S97");
        assertThat(directory.resolve("RESULTS.md"))
                .content()
                .contains("<!-- begin zero-downtime 2.10 -->")
                .contains("## Zero downtime: 2 lame ducks through a cluster of 3, nats-server 2.10: passed");
        assertThat(directory.resolve("report.html")).content().doesNotContain("<h2>Targets</h2>");
    }

    @Test
    void zeroDowntimeSwapsUnlessItIsToldNotTo() {
        assertThat(parsed(new ZeroDowntime()).options().hotSwap().enabled()).isTrue();
        assertThat(parsed(new ZeroDowntime(), "--hot-swap-enabled")
                        .options()
                        .hotSwap()
                        .enabled())
                .isTrue();
        assertThat(parsed(new ZeroDowntime(), "--no-hot-swap-enabled")
                        .options()
                        .hotSwap()
                        .enabled())
                .isFalse();
        assertThat(parsed(new ZeroDowntime(), "--hot-swap-enabled=false")
                        .options()
                        .hotSwap()
                        .enabled())
                .isFalse();
    }

    @Test
    void zeroDowntimeHasASectionOfItsOwnWithoutHotSwap() {
        parsed(new ZeroDowntime(), report(), results()).tell(outcome(new SampleRun()), console);
        parsed(new ZeroDowntime(), "--no-hot-swap-enabled", report(), results())
                .tell(outcome(new SampleRun().stayedOn("n1")), console);

        assertThat(directory.resolve("RESULTS.md"))
                .content()
                .contains("## Zero downtime: 2 lame ducks through a cluster of 3, nats-server 2.10: passed")
                .contains(
                        "## Zero downtime without hot swap: 2 lame ducks through a cluster of 3, nats-server 2.10: broken");
    }

    @Test
    void episodesRepeatsTheRowsThatBrokeAndSaysWhatASwapCosts() {
        parsed(new Episodes(), results()).tell(outcome(new SampleRun().stayedOn("n2")), console);

        assertThat(printed().lines())
                .contains("results: " + directory.resolve("RESULTS.md"))
                .anySatisfy(line -> assertThat(line).contains("n2 → n1"))
                .noneSatisfy(line -> assertThat(line).contains("n1 → n2"))
                .anySatisfy(line -> assertThat(line).startsWith("request, p99, ms added"));
    }

    @Test
    void demoPrintsEveryEpisodeAndTheWorstOfItsWarmUp() {
        parsed(new Demo(), report()).tell(outcome(new SampleRun()), console);

        assertThat(printed().lines())
                .contains("worst request of the warm-up, not judged: 85.2 ms")
                .contains("report: " + directory.resolve("report.html"))
                .anySatisfy(line -> assertThat(line).contains("n1 → n2"))
                .anySatisfy(line -> assertThat(line).contains("n2 → n1"));
    }

    @Test
    void demoDrawsAPictureIfOneIsWanted() {
        Path picture = directory.resolve("demo.svg");

        parsed(new Demo(), report(), "--client=jnats", "--picture=" + picture).tell(outcome(new SampleRun()), console);

        assertThat(printed().lines()).contains("picture: " + picture);
        assertThat(picture).content().contains(">jnats</text>");
    }

    @Test
    void soakTakesItsTimeAndItsInterval() {
        RunOptions options = parsed(new Soak(), "--duration=10m", "--episode-every=20s", "--rps=500")
                .options();

        assertThat(options.timetable().atLeast()).isEqualTo(Duration.ofMinutes(10));
        assertThat(options.timetable().lameDucks()).hasSize(29);
        assertThat(options.rates().requests()).isEqualTo(500);
        assertThat(parsed(new Soak()).options().timetable().lameDucks()).hasSize(359);
    }

    @Test
    void soakBreaksWhenItsProcessGrows() {
        Soak soak = parsed(new Soak(), "--duration=3m", "--leak-bytes=2000", report(), results());
        RunObserver watch = soak.observer(console);
        for (int second = 0; second < 200; second++) {
            // Two kilobytes for each of a hundred snapshots, between a second and the next.
            for (int i = 0; i < 100; i++) {
                watch.onSnapshot(new Snapshot(second, 0, 0, 0, 0, 0, 0, 0, 0));
            }
        }
        RunResult result = new SampleRun().result();
        Outcome outcome = new Outcome(
                result, soak.verdict(result), new Environment("2.10.27", LocalDate.of(2026, 1, 2), "a command"));

        soak.tell(outcome, console);

        assertThat(outcome.verdict().passed()).isFalse();
        assertThat(outcome.verdict().line()).contains(" in-doubt=0 process=growing growing=1/6");
        assertThat(outcome.verdict().broken())
                .singleElement()
                .asString()
                .startsWith("the process grows, live heap, MiB: from ");
        assertThat(printed()).containsPattern("live heap, MiB +no +[0-9]").containsPattern("all threads +yes");
        assertThat(directory.resolve("RESULTS.md"))
                .content()
                .contains("<!-- begin soak with a leak 2.10 -->")
                .contains("## Soak with a leak: ", "lame ducks, nats-server 2.10: broken")
                .contains("| live heap, MiB | no |");
        assertThat(directory.resolve("report.html"))
                .content()
                .contains("<h2>The process</h2>")
                .contains("<tr class=\"does_not_hold\"><td>live heap, MiB</td><td>no</td>")
                .contains("id=\"LIVE_HEAP\"");
    }

    private static <P extends Preset> P parsed(P preset, String... arguments) {
        new CommandLine(preset).parseArgs(arguments);
        return preset;
    }

    private String report() {
        return "--report=" + directory.resolve("report.html");
    }

    private String results() {
        return "--results=" + directory.resolve("RESULTS.md");
    }

    private static Outcome outcome(SampleRun run) {
        return Outcome.of(run.result(), new Environment("2.10.27", LocalDate.of(2026, 1, 2), "a command"));
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
