package io.mallard.it.episodes;

import io.mallard.it.load.ClientKind;
import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.EpisodesConsole;
import io.mallard.it.report.EpisodesSection;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.run.LameDuckRun;
import io.mallard.it.run.RunOptions;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Verdict;
import java.nio.file.Path;
import java.util.Objects;
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
 * The proof run: as many episodes as wanted on one cluster and one client, at the rates of the demo, written to the results file.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "episodes",
        showDefaultValues = true,
        description = {
            "Puts the server of one client under load into lame duck mode again and again, and writes what came of it to a file.",
            "Goes on when something breaks, so that all of it is seen.",
            "Exit code: 0 if nothing failed, was refused, lost, repeated or out of order; 1 if not; 2 for a wrong option."
        })
public final class EpisodesCommand implements Callable<Integer> {
    private static final int BROKEN = 1;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--count", paramLabel = "N", description = "episodes, 1 to " + RunOptions.MAX_EPISODES)
    private int count = 100;

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
            description = "for the client's random choices; random if not given")
    private long seed = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    @Option(names = "--results", paramLabel = "FILE", description = "where the section of this server generation goes")
    private Path results = ResultsFile.defaultPath();

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec command = Objects.requireNonNull(spec);
        EpisodesConsole console = new EpisodesConsole(Console.standard());
        RunResult result = new LameDuckRun(options(command), console).play();
        Verdict verdict = Verdict.of(result);
        Environment environment = Environment.now(
                result.serverVersion(), command.commandLine().getParseResult().originalArgs(), seed);
        EpisodesSection.write(results, result, verdict, environment);
        console.printResult(result, verdict, results);
        return verdict.passed() ? 0 : BROKEN;
    }

    private RunOptions options(CommandSpec command) {
        try {
            return new RunOptions(
                    RunOptions.DEFAULT_NODES,
                    RunOptions.DEFAULT_RATES,
                    count,
                    serverVersion,
                    seed,
                    ClientKind.MALLARD,
                    true,
                    RunOptions.DEFAULT_WARM_UP);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
        }
    }
}
