package io.mallard.it;

import io.mallard.it.chaos.ChaosCommand;
import io.mallard.it.fuzz.FuzzCommand;
import io.mallard.it.hostile.HostileCommand;
import io.mallard.it.judge.InconclusiveException;
import io.mallard.it.preset.Demo;
import io.mallard.it.preset.Episodes;
import io.mallard.it.preset.Soak;
import io.mallard.it.preset.Stress;
import io.mallard.it.preset.ZeroDowntime;
import io.mallard.it.settle.SettleCommand;
import io.mallard.it.sizing.SizingCommand;
import io.mallard.it.support.NatsServerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * Where the runnable jar begins.
 *
 * <p>Threading: the main thread.
 */
@Command(
        name = "mallard-it",
        synopsisSubcommandLabel = "COMMAND",
        description = "Runs Mallard against real nats-servers.",
        subcommands = {
            Demo.class,
            ZeroDowntime.class,
            Stress.class,
            Soak.class,
            Episodes.class,
            ChaosCommand.class,
            SettleCommand.class,
            SizingCommand.class,
            FuzzCommand.class,
            HostileCommand.class
        })
public final class Main {
    @SuppressWarnings("unused") // picocli needs a place to write to
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "show this and exit")
    private boolean help;

    private Main() {}

    public static void main(String[] arguments) {
        int exitCode = commandLine().execute(arguments);
        // Not with 0: inside a build the JVM is the build's, and goes on.
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    /** The command line without the exit: a test runs it in its own JVM. */
    public static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Main::explain);
    }

    /** A server or a run that did not come about says why; anything else is a defect, and its stack is wanted. */
    private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        if (failure instanceof NatsServerException || failure instanceof InconclusiveException) {
            command.getErr().println(failure.getMessage());
            return command.getCommandSpec().exitCodeOnExecutionException();
        }
        throw failure;
    }
}
