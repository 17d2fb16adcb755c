package io.mallard.it.preset;

import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.Outcome;
import io.mallard.it.run.LameDuckRun;
import io.mallard.it.run.RunObserver;
import io.mallard.it.run.RunOptions;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Verdict;
import io.mallard.it.support.OpenServers;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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

    /** An episode, the last messages, and the making of a report. */
    private static final long STOP_TIMEOUT_S = 60;

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
        LameDuckRun run = new LameDuckRun(options(command), observer(console));
        CountDownLatch told = new CountDownLatch(1);
        if (tellsWhenInterrupted()) {
            OpenServers.whenInterrupted(() -> stopAndAwait(run, told));
        }
        try {
            RunResult result = run.play();
            Environment environment = Environment.now(
                    result.serverVersion(),
                    command.commandLine().getParseResult().originalArgs(),
                    seed);
            Outcome outcome = new Outcome(result, verdict(result), environment);
            tell(outcome, console);
            console.printVerdict(outcome.verdict());
            return outcome.verdict().passed() ? 0 : BROKEN;
        } finally {
            told.countDown();
        }
    }

    /** The JVM is told to end; this keeps it until everything is written, or for so long. */
    private static void stopAndAwait(LameDuckRun run, CountDownLatch told) {
        run.stop();
        try {
            var unused = told.await(STOP_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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

    /** Whether a run that is interrupted is ended in order and told, or just ends. */
    boolean tellsWhenInterrupted() {
        return false;
    }

    /** What to think of the run. */
    Verdict verdict(RunResult result) {
        return Verdict.of(result);
    }

    /** Writes and prints what there is to say of the run; the verdict follows. */
    abstract void tell(Outcome outcome, Console console);
}
