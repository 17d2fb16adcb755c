package io.mallard.benchmarks.parts;

import io.mallard.benchmarks.EncodePublish;
import io.mallard.benchmarks.MergeOverlap;
import io.mallard.benchmarks.ParseMessage;
import io.mallard.benchmarks.PublishPath;
import io.mallard.benchmarks.PublishThreads;
import io.mallard.benchmarks.RequestBufferMemory;
import io.mallard.benchmarks.RequestBufferProcessing;
import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.support.NatsServerBinary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures what no other client has a counterpart of, or what several threads do, and writes it to the results file.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "parts",
        showDefaultValues = true,
        description = {
            "Measures parts of the client one after the other: parser, encoder, publish path, merge of two servers' messages,"
                    + " request buffer, and publishing from several threads.",
            "Exit code: 0 if everything was measured; 1 if not; 2 for a wrong option."
        })
public final class PartsCommand implements Callable<Integer> {
    private static final List<Class<?>> BENCHMARKS = List.of(
            ParseMessage.class,
            EncodePublish.class,
            PublishPath.class,
            MergeOverlap.class,
            RequestBufferProcessing.class,
            RequestBufferMemory.class,
            PublishThreads.class);

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--smoke",
            description =
                    "a moment for each, in this very process, to see that it works; without --results nothing is written")
    private boolean smoke;

    @Option(
            names = "--results",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description = "where the section goes; RESULTS.md of the module if not given")
    private @Nullable Path results;

    @Override
    public Integer call() throws RunnerException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        PartsSection section = new PartsSection(measure());
        out.println(section.table().text());
        resultsFile().ifPresent(file -> {
            List<String> words =
                    command.commandLine().getParent().getParseResult().originalArgs();
            section.write(
                    file, Environment.now(NatsServerBinary.find("").version().toString(), words));
            out.println("results: " + file);
        });
        out.flush();
        return 0;
    }

    private Collection<RunResult> measure() throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder().addProfiler(GCProfiler.class).shouldFailOnError(true);
        for (Class<?> benchmark : BENCHMARKS) {
            options.include("^" + benchmark.getName().replace(".", "\\.") + "\\.");
        }
        if (smoke) {
            TimeValue moment = TimeValue.milliseconds(50);
            options.forks(0)
                    .warmupIterations(1)
                    .warmupTime(moment)
                    .measurementIterations(1)
                    .measurementTime(moment);
        }
        return new Runner(options.build()).run();
    }

    private Optional<Path> resultsFile() {
        if (results != null) {
            return Optional.of(results);
        }
        return smoke ? Optional.empty() : Optional.of(ResultsFile.defaultPath("benchmarks"));
    }
}
