package io.mallard.benchmarks;

import io.mallard.benchmarks.compare.CompareCommand;
import io.mallard.benchmarks.parts.PartsCommand;
import io.mallard.benchmarks.swap.HotSwapCommand;
import io.mallard.it.support.NatsServerException;
import java.io.IOException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * Where the runnable jar begins: a command of ours if the first word is one, JMH otherwise.
 *
 * <p>Threading: the main thread.
 */
@Command(
        name = "benchmarks",
        synopsisSubcommandLabel = "COMMAND",
        description = "Measures Mallard. Without a command the arguments are JMH's, whose help is -h.",
        subcommands = {CompareCommand.class, PartsCommand.class, HotSwapCommand.class})
public final class Main {
    @SuppressWarnings("unused") // picocli needs a place to write to
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "show this and exit")
    private boolean help;

    private Main() {}

    public static void main(String[] arguments) throws IOException {
        CommandLine commands = commandLine();
        if (Arrays.stream(arguments).limit(1).noneMatch(commands.getSubcommands()::containsKey)) {
            org.openjdk.jmh.Main.main(arguments);
            return;
        }
        System.exit(commands.execute(arguments));
    }

    /** The commands without the exit: a test runs them in its own JVM. */
    public static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler(Main::explain);
    }

    /** A server that did not come about says why; anything else is a defect, and its stack is wanted. */
    private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        if (failure instanceof NatsServerException) {
            command.getErr().println(failure.getMessage());
            return command.getCommandSpec().exitCodeOnExecutionException();
        }
        throw failure;
    }
}
