package io.mallard.it.fuzz;

import io.mallard.it.report.Console;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.Table;
import io.mallard.it.run.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Fuzzes what reads foreign bytes, keeps the inputs and writes the counts to the results file.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "fuzz",
        showDefaultValues = true,
        description = {
            "Fuzzes every reader of foreign bytes for a while and keeps the inputs that reach something new.",
            "Needs the tests on its class path: mvn -Pfuzz starts it.",
            "Exit code: 0 if every target stood all inputs; 1 if not; 2 for a wrong option."
        })
public final class FuzzCommand implements Callable<Integer> {
    private static final int MAX_SECONDS = 86_400;
    private static final List<String> HEADER =
            List.of("fuzz test", "executions", "inputs kept", "bytes kept", "findings");

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--seconds", paramLabel = "N", description = "so long each target, 1 to " + MAX_SECONDS)
    private int seconds = 60;

    @Option(names = "--work", paramLabel = "DIR", description = "for logs, counts, and all inputs ever found")
    private Path work = ResultsFile.besideModule(Path.of("target", "fuzz"));

    @Option(
            names = "--results",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description = "where the section goes; RESULTS.md of the module if not given")
    private @Nullable Path results;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try {
            RunOptions.check("seconds", seconds, 1, MAX_SECONDS);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "--" + e.getMessage(), e);
        }
        Console console = Console.standard();
        FuzzRun run = new FuzzRun(Files.exists(Path.of("it", "pom.xml")) ? Path.of("") : Path.of(".."), work, seconds);
        List<FuzzResult> all = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (FuzzTarget target : FuzzTarget.values()) {
            FuzzResult result = run.fuzz(target);
            all.add(result);
            lines.add(result.line());
            console.print(result.line());
            Files.write(work.resolve("counts.tsv"), lines);
        }
        Path file = results == null ? ResultsFile.defaultPath() : results;
        ResultsFile.write(file, "fuzzing", markdown(all));
        console.print("results: " + file);
        return all.stream().allMatch(result -> result.findings() == 0) ? 0 : 1;
    }

    private String markdown(List<FuzzResult> all) {
        List<List<String>> rows = new ArrayList<>();
        for (FuzzResult result : all) {
            rows.add(List.of(
                    "`" + result.target().simpleName() + "`",
                    number(result.executions()),
                    number(result.inputs()),
                    number(result.inputBytes()),
                    number(result.findings())));
        }
        return String.join(
                "\n\n",
                "## Fuzzing",
                "Every reader of foreign bytes, each for " + seconds
                        + " s in a process of its own, with coverage as its"
                        + " guide, from the inputs that earlier runs have kept. Those kept are the fewest that reach all that is"
                        + " reached; `mvn verify` tries them each time. A finding is an input that ended its test: an exception"
                        + " that is not the documented one, another result the second time or at another split, or 10 s of"
                        + " work.",
                new Table(HEADER, rows).markdown(),
                "- date: " + LocalDate.now(ZoneOffset.UTC) + "\n- JDK: " + System.getProperty("java.vm.name") + " "
                        + Runtime.version() + "\n- command: mvn -Pfuzz -Dfuzz.seconds=" + seconds);
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
