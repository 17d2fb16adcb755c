package io.mallard.it.preset;

import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.Outcome;
import io.mallard.it.run.LameDuckRun;
import io.mallard.it.run.RunObserver;
import io.mallard.it.run.RunOptions;
import io.mallard.it.run.RunResult;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A run from the command line to the exit code, which is that of its verdict.
 *
 * <p>Threading: used by one thread.
 */
abstract class Preset implements Callable<Integer> {
    private static final int BROKEN = 1;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--server-version",
            paramLabel = "X",
            showDefaultValue = Visibility.NEVER,
            description = "version prefix, such as 2.10; any if not given")
    String serverVersion = "";

    @Option(
            names = "--seed",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "for the random choices of the client and of the run; random if not given")
    long seed = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    @Override
    public final Integer call() throws InterruptedException {
        CommandSpec command = Objects.requireNonNull(spec);
        Console console = Console.standard();
        RunResult result = new LameDuckRun(options(command), observer(console)).play();
        Environment environment = Environment.now(
                result.serverVersion(), command.commandLine().getParseResult().originalArgs(), seed);
        Outcome outcome = Outcome.of(result, environment);
        tell(outcome, console);
        console.printVerdict(outcome.verdict());
        return outcome.verdict().passed() ? 0 : BROKEN;
    }

    private RunOptions options(CommandSpec command) {
        try {
            return options();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
        }
    }

    /** What the command line asks for. Refuses a value in the words of the option that gave it. */
    abstract RunOptions options();

    /** Who is told while the run goes on. */
    RunObserver observer(Console console) {
        return console;
    }

    /** Writes and prints what there is to say of the run; the verdict follows. */
    abstract void tell(Outcome outcome, Console console);
}
