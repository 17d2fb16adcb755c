package io.mallard.it.settle;

import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.run.RunOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures how long publishes have to wait between two servers to stay in order, and writes it to the results file.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "settle",
        showDefaultValues = true,
        description = {
            "Moves raw publishers from server to server and counts the moves that are seen out of order, by how long they wait.",
            "Exit code: 0 if everything was measured, and nothing lost or duplicated; 1 if not; 2 for a wrong option."
        })
public final class SettleCommand implements Callable<Integer> {
    private static final int BROKEN = 1;
    private static final int SMOKE_CUTOVERS = 10;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--cutovers",
            paramLabel = "N",
            description = "at least so many per value, 1 to " + SettleOptions.MAX_CUTOVERS)
    private int cutovers = 1000;

    @Option(
            names = "--settles",
            paramLabel = "MS",
            split = ",",
            description = "waits behind the PONG, 0 to " + SettleOptions.MAX_SETTLE_MS
                    + " each; no wait at all is always there")
    private List<Integer> settlesMs = List.of(0, 1, 2, 5, 10, 20, 50);

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "servers in the cluster, " + RunOptions.MIN_NODES + " to " + RunOptions.MAX_NODES)
    private int nodes = RunOptions.DEFAULT_NODES;

    @Option(
            names = "--server-version",
            paramLabel = "X",
            showDefaultValue = Visibility.NEVER,
            description = "version prefix, such as 2.10; any if not given")
    private String serverVersion = "";

    @Option(
            names = "--seed",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "for the order in which the values take turns; random if not given")
    private long seed = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    @Option(
            names = "--smoke",
            description = "a few cutovers, to see that it works; without --results nothing is written")
    private boolean smoke;

    @Option(
            names = "--results",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description = "where the section of this server generation goes; RESULTS.md of the module if not given")
    private @Nullable Path results;

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec command = Objects.requireNonNull(spec);
        Console console = Console.standard();
        SettleOptions options = options(command);
        SettleResult result = new SettleRun(options, console::print).play();
        console.print(SettleSection.table(result).text());
        resultsFile().ifPresent(file -> {
            Environment environment = Environment.now(
                    result.serverVersion(),
                    command.commandLine().getParseResult().originalArgs(),
                    seed);
            SettleSection.write(file, options, result, environment);
            console.print("results: " + file);
        });
        List<String> broken = result.broken();
        broken.forEach(sentence -> console.print("broken: " + sentence));
        return broken.isEmpty() ? 0 : BROKEN;
    }

    private Optional<Path> resultsFile() {
        if (results != null) {
            return Optional.of(results);
        }
        return smoke ? Optional.empty() : Optional.of(ResultsFile.defaultPath());
    }

    private SettleOptions options(CommandSpec command) {
        try {
            return new SettleOptions(smoke ? SMOKE_CUTOVERS : cutovers, settlesMs, nodes, serverVersion, seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
        }
    }
}
