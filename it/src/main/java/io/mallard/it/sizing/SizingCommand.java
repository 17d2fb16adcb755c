package io.mallard.it.sizing;

import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.run.RunOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures what standbys cost, and writes it to the results file.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "sizing",
        showDefaultValues = true,
        description = {
            "Connects many clients without standbys, then with them, and compares what they cost here and in the servers.",
            "Exit code: 0 if everything was measured; 1 if not; 2 for a wrong option."
        })
public final class SizingCommand implements Callable<Integer> {
    /** Each client takes a few file descriptors, and a thread. */
    private static final int MAX_CLIENTS = 5000;

    private static final int SMOKE_CLIENTS = 20;
    private static final Duration PINGS_WATCHED = Duration.ofMinutes(1);
    private static final Duration SMOKE_PINGS_WATCHED = Duration.ofSeconds(6);

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--clients", paramLabel = "N", description = "so many at a time, 1 to " + MAX_CLIENTS)
    private int clients = 1000;

    @Option(
            names = "--server-version",
            paramLabel = "X",
            showDefaultValue = Visibility.NEVER,
            description = "version prefix, such as 2.10; any if not given")
    private String serverVersion = "";

    @Option(
            names = "--smoke",
            description = "a few clients, to see that it works; without --results nothing is written")
    private boolean smoke;

    @Option(
            names = "--results",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description = "where the section of this server generation goes; RESULTS.md of the module if not given")
    private @Nullable Path results;

    @Override
    public Integer call() {
        CommandSpec command = Objects.requireNonNull(spec);
        checkOptions(command);
        Console console = Console.standard();
        SizingResult result = new SizingRun(
                        smoke ? SMOKE_CLIENTS : clients,
                        smoke ? SMOKE_PINGS_WATCHED : PINGS_WATCHED,
                        serverVersion,
                        console::print)
                .play();
        console.print(SizingSection.table(result).text());
        console.print(SizingSection.pings(result));
        resultsFile().ifPresent(file -> {
            Environment environment = Environment.now(
                    result.serverVersion(),
                    command.commandLine().getParseResult().originalArgs());
            SizingSection.write(file, result, environment);
            console.print("results: " + file);
        });
        return 0;
    }

    private void checkOptions(CommandSpec command) {
        try {
            RunOptions.check("clients", clients, 1, MAX_CLIENTS);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
        }
    }

    private Optional<Path> resultsFile() {
        if (results != null) {
            return Optional.of(results);
        }
        return smoke ? Optional.empty() : Optional.of(ResultsFile.defaultPath());
    }
}
