package io.mallard.it;

import io.mallard.it.demo.DemoCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Where the runnable jar begins.
 *
 * <p>Threading: the main thread.
 */
@Command(
        name = "mallard-it",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Runs Mallard against real nats-servers.",
        subcommands = DemoCommand.class)
public final class Main {
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
        return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    }
}
