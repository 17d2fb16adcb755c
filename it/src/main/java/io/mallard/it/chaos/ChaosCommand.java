package io.mallard.it.chaos;

import io.mallard.PublishReliability;
import io.mallard.it.preset.DurationConverter;
import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import java.nio.file.Path;
import java.time.Duration;
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
 * Faults of every kind in an order that a seed decides, and every message accounted for.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "chaos",
        showDefaultValues = true,
        description = {
            "Puts a client under load in every direction while servers go lame, are killed, stopped, cut off, slowed down and",
            "upgraded, in an order that the seed decides, and says which promise broke at which fault.",
            "Exit code: 0 if every promise held and every fault happened; 1 if not; 2 for a wrong option."
        })
public final class ChaosCommand implements Callable<Integer> {
    private static final int BROKEN = 1;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "5m",
            converter = DurationConverter.class,
            description =
                    "of the plan, such as 300s, 5m or 90 (seconds); 10s to 30m. A fault that takes longer moves those behind it")
    private Duration duration = Duration.ofMinutes(5);

    @Option(
            names = "--seed",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "for the plan and the random choices of the client; random if not given")
    private long seed = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);

    @Option(
            names = "--server-version",
            paramLabel = "X",
            showDefaultValue = Visibility.NEVER,
            description = "to begin with, such as 2.10; 2.9 if not given. Upgrades go on from there")
    private String serverVersion = "";

    @Option(
            names = "--at-least-once",
            description =
                    "the client publishes again what a lost connection leaves in doubt: nothing may be lost of it then,"
                            + " and some may come twice")
    private boolean atLeastOnce;

    @Option(
            names = "--strict",
            description = "judge every fault as if nothing could be lost: a control, which has to fail")
    private boolean strict;

    @Option(names = "--report", paramLabel = "FILE", description = "the HTML report")
    private Path report = ResultsFile.besideModule(Path.of("target", "chaos", "report.html"));

    @Option(names = "--results", paramLabel = "FILE", description = "where the section of this server generation goes")
    private Path results = ResultsFile.defaultPath();

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec command = Objects.requireNonNull(spec);
        Console console = Console.standard();
        ChaosResult result = new ChaosRun(options(command), console::print).play();
        Environment environment = Environment.now(
                result.firstVersion(), command.commandLine().getParseResult().originalArgs(), seed);
        ChaosSection.write(results, result, environment, atLeastOnce, strict);
        ChaosPage.write(report, result, environment);
        console.print(ChaosTables.byKind(result).text());
        console.print("results: " + results);
        console.print("report: " + report);
        result.broken().forEach(sentence -> console.print("broken: " + sentence));
        console.print(result.verdictLine());
        return result.isPassed() ? 0 : BROKEN;
    }

    private ChaosOptions options(CommandSpec command) {
        try {
            return new ChaosOptions(
                    duration,
                    seed,
                    serverVersion,
                    atLeastOnce ? PublishReliability.AT_LEAST_ONCE : PublishReliability.AT_MOST_ONCE,
                    strict);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
        }
    }
}
