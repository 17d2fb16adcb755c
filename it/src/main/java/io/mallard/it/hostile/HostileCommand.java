package io.mallard.it.hostile;

import io.mallard.it.report.Console;
import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.support.NatsServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Lets a hostile server try everything, and writes what came of it to the results file.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "hostile",
        showDefaultValues = true,
        description = {
            "Attacks a client by a server that means harm, one attack after the other.",
            "Exit code: 0 if the client stood all of them; 1 if not; 2 for a wrong option."
        })
public final class HostileCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--results",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description = "where the section goes; nowhere if not given")
    private @Nullable Path results;

    @Override
    public Integer call() {
        Console console = Console.standard();
        List<AttackResult> all = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        try (NatsServer good = NatsServer.startDefault()) {
            AttackRun run = new AttackRun(good);
            for (Attack attack : Attack.values()) {
                AttackResult result = run.play(attack);
                all.add(result);
                console.print(attack.words + ": " + result.outcome().words);
                result.faults().forEach(fault -> faults.add(attack + ": " + fault));
            }
            console.print(HostileSection.table(all).text());
            if (results != null) {
                Environment environment = Environment.now(
                        good.version().toString(),
                        Objects.requireNonNull(spec)
                                .commandLine()
                                .getParseResult()
                                .originalArgs());
                ResultsFile.write(results, "hostile server", HostileSection.markdown(all, environment));
                console.print("results: " + results);
            }
        }
        faults.forEach(console::print);
        return faults.isEmpty() ? 0 : 1;
    }
}
