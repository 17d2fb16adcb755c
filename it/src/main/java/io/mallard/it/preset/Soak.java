package io.mallard.it.preset;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.HotSwap;
import io.mallard.it.load.Load;
import io.mallard.it.report.Console;
import io.mallard.it.report.EpisodeTable;
import io.mallard.it.report.HtmlReport;
import io.mallard.it.report.LatencyTable;
import io.mallard.it.report.Outcome;
import io.mallard.it.report.ProcessTable;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.RunSection;
import io.mallard.it.report.Table;
import io.mallard.it.run.RunObserver;
import io.mallard.it.run.RunOptions;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Timetable;
import io.mallard.it.run.Verdict;
import io.mallard.it.soak.Flatness;
import io.mallard.it.soak.ProcessFigures;
import io.mallard.it.soak.ProcessWatch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The soak test: load for an hour, a lame duck every ten seconds, and a process that must not grow.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "soak",
        showDefaultValues = true,
        description = {
            "Puts a client under load for a long time, while its server goes lame and is replaced at short intervals, and watches",
            "what the process holds: heap, direct memory, threads, descriptors, classes.",
            "Interrupted, it ends the episode it is at, and writes what there is.",
            "Exit code: 0 if nothing failed, was refused, lost, repeated or out of order, the client had left before it was",
            "evicted, each time, and the process did not grow; 1 if not; 2 for a wrong option."
        })
public final class Soak extends Preset {
    private static final int MAX_LEAK_BYTES = 1 << 20;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "60m",
            converter = DurationConverter.class,
            description = "of the load behind its warm-up, such as 300s, 5m or 90 (seconds); at most 60m")
    private Duration duration = Timetable.LONGEST;

    @Option(names = "--rps", paramLabel = "N", description = "requests per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int requestsPerSecond = RunOptions.DEFAULT_REQUESTS_PER_SECOND;

    @Option(
            names = "--episode-every",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description =
                    "between two lame ducks, at least 5s; one that is late begins when the client is ready for it")
    private Duration episodeEvery = Duration.ofSeconds(10);

    @Option(
            names = "--leak-bytes",
            paramLabel = "N",
            description = "kept ten times a second, to see a run that grows, 0 to " + MAX_LEAK_BYTES)
    private int leakBytes;

    @Option(names = "--report", paramLabel = "FILE", description = "the HTML report")
    private Path report = ResultsFile.besideModule(Path.of("target", "soak", "report.html"));

    @Option(names = "--results", paramLabel = "FILE", description = "where the section of this server generation goes")
    private Path results = ResultsFile.defaultPath();

    private @Nullable ProcessWatch watch;

    @Override
    RunOptions options() {
        RunOptions.check("leak-bytes", leakBytes, 0, MAX_LEAK_BYTES);
        return new RunOptions(
                RunOptions.DEFAULT_NODES,
                new Load.Rates(
                        requestsPerSecond,
                        RunOptions.DEFAULT_PUBLISHES_PER_SECOND,
                        RunOptions.DEFAULT_RECEIVES_PER_SECOND),
                RunOptions.DEFAULT_REQUESTER_THREADS,
                Timetable.every(episodeEvery, duration),
                serverVersion,
                seed,
                ClientKind.MALLARD,
                HotSwap.STANDBY,
                RunOptions.DEFAULT_WARM_UP);
    }

    @Override
    RunObserver observer(Console console) {
        ProcessWatch created = new ProcessWatch(duration, leakBytes, new Random(seed), console, console::print);
        watch = created;
        return created;
    }

    @Override
    boolean tellsWhenInterrupted() {
        return true;
    }

    @Override
    Verdict verdict(RunResult result) {
        Flatness flatness = Flatness.of(samples());
        return Verdict.of(result).and(flatness.line(), flatness.broken());
    }

    @Override
    void tell(Outcome outcome, Console console) {
        RunResult result = outcome.result();
        Flatness flatness = Flatness.of(samples());
        Table process = ProcessTable.of(flatness);
        Table latencies = LatencyTable.of(result.latencies());
        HtmlReport.writeSoak(report, outcome, samples());
        // One that is meant to break does not take the place of one that is meant to pass.
        String control = leakBytes > 0 ? " with a leak" : "";
        String title = "Soak" + control + ": " + duration.toSeconds() + " s at " + requestsPerSecond
                + " requests per second, " + result.episodes().size() + " lame ducks";
        new RunSection(
                        "soak" + control,
                        title,
                        List.of(
                                told(flatness, process.markdown()),
                                ProcessTable.NOTE,
                                latencies.markdown(),
                                LatencyTable.NOTE))
                .write(results, outcome);
        EpisodeTable.broken(result).ifPresent(rows -> console.print("broken:\n" + rows.text()));
        console.print(latencies.text());
        console.print("");
        console.print(told(flatness, process.text()));
        console.print("");
        console.print("report: " + report);
        console.print("results: " + results);
    }

    private static String told(Flatness flatness, String table) {
        return flatness.isJudged() ? table : "The run was too short to say whether its process grows.";
    }

    private List<ProcessFigures> samples() {
        return watch == null ? List.of() : watch.samples();
    }
}
