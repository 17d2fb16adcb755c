package io.mallard.it.demo;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.Load;
import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.HtmlReport;
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
 * The demo: every server of a real cluster goes lame and comes back, under a client whose requests, publishes and received messages
 * are judged.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "demo",
        showDefaultValues = true,
        description = {
            "Puts every server of a real cluster into lame duck mode, one after the other, under a client with load.",
            "Exit code: 0 if nothing failed, was refused, lost, repeated or out of order, and all went as planned; 1 if not;",
            "2 for a wrong option."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int BROKEN = 1;
    private static final int MAX_ROUNDS = 1000;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "servers in the cluster, " + RunOptions.MIN_NODES + " to " + RunOptions.MAX_NODES)
    private int nodes = RunOptions.DEFAULT_NODES;

    @Option(names = "--rps", paramLabel = "N", description = "requests per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int requestsPerSecond = RunOptions.DEFAULT_REQUESTS_PER_SECOND;

    @Option(names = "--rate", paramLabel = "N", description = "publishes per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int publishesPerSecond = RunOptions.DEFAULT_PUBLISHES_PER_SECOND;

    @Option(
            names = "--receive-rate",
            paramLabel = "N",
            description = "messages sent to the client per second, 1 to " + RunOptions.MAX_PER_SECOND)
    private int receivesPerSecond = RunOptions.DEFAULT_RECEIVES_PER_SECOND;

    @Option(names = "--rounds", paramLabel = "N", description = "how often every server goes lame, 1 to " + MAX_ROUNDS)
    private int rounds = 1;

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

    @Option(names = "--client", paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}")
    private ClientKind client = ClientKind.MALLARD;

    @Option(names = "--no-hot-swap", description = "Mallard without its handover")
    private boolean noHotSwap;

    @Option(names = "--report", paramLabel = "FILE", description = "the HTML report")
    private Path report = ResultsFile.besideModule(Path.of("target", "demo", "report.html"));

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec command = Objects.requireNonNull(spec);
        Console console = Console.standard();
        RunResult result = new LameDuckRun(options(command), console).play();
        Verdict verdict = Verdict.of(result);
        HtmlReport.write(
                report,
                result,
                verdict,
                Environment.now(
                        result.serverVersion(),
                        command.commandLine().getParseResult().originalArgs(),
                        seed));
        console.printResult(result, verdict, report);
        return verdict.passed() ? 0 : BROKEN;
    }

    private RunOptions options(CommandSpec command) {
        try {
            RunOptions.check("rounds", rounds, 1, MAX_ROUNDS);
            return new RunOptions(
                    nodes,
                    new Load.Rates(requestsPerSecond, publishesPerSecond, receivesPerSecond),
                    nodes * rounds,
                    serverVersion,
                    seed,
                    client,
                    !noHotSwap,
                    RunOptions.DEFAULT_WARM_UP);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
        }
    }
}
