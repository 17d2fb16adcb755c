package io.mallard.benchmarks.compare;

import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Compares Mallard with other clients, and writes what came of it to the results file.
 *
 * <p>Threading: used by one thread.
 */
@Command(
        name = "compare",
        showDefaultValues = true,
        description = {
            "Measures Mallard, jnats, raw sockets and, if libnats-dev and a C compiler are installed, nats.c in turns, round by round,"
                    + " and compares them.",
            "Exit code: 0 if everything was measured, whatever came of it; 1 if not; 2 for a wrong option."
        })
public final class CompareCommand implements Callable<Integer> {
    private static final int MAX_ROUNDS = 100;
    private static final Fork FORK = new Fork(6, 3, TimeValue.seconds(1));
    private static final Fork SMOKE = new Fork(1, 1, TimeValue.milliseconds(200));
    private static final Duration NATS_C_WARM_UP = Duration.ofSeconds(1);
    private static final Duration NATS_C_MEASURED = Duration.ofSeconds(3);
    private static final Duration NATS_C_SMOKE = Duration.ofMillis(200);

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--rounds", paramLabel = "N", description = "so often everything is measured, 1 to " + MAX_ROUNDS)
    private int rounds = 5;

    @Option(
            names = "--server-version",
            paramLabel = "X",
            showDefaultValue = Visibility.NEVER,
            description = "version prefix, such as 2.10; any if not given")
    private String serverVersion = "";

    @ArgGroup
    private @Nullable ThemeOption theme;

    /** One or none of them. */
    static final class ThemeOption {
        @Option(names = "--tls", description = "over TLS: Mallard, jnats and nats.c, in a section of their own")
        private boolean tls;

        @Option(
                names = "--at-least-once",
                description =
                        "what it costs to publish at least once, in a section of its own: Mallard with it and without")
        private boolean atLeastOnce;

        Theme theme() {
            return tls ? Theme.TLS : atLeastOnce ? Theme.AT_LEAST_ONCE : Theme.CLIENTS;
        }
    }

    @Option(
            names = "--only",
            paramLabel = "REGEX",
            showDefaultValue = Visibility.NEVER,
            description = "questions in whose name it is found; without --results nothing is written")
    private @Nullable Pattern only;

    @Option(
            names = "--smoke",
            description = "a moment for each, to see that it works; without --results nothing is written")
    private boolean smoke;

    @Option(
            names = "--results",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description = "where the section of this server generation goes; RESULTS.md of the module if not given")
    private @Nullable Path results;

    @Override
    public Integer call() {
        CommandSpec command = Objects.requireNonNull(spec);
        List<Question> questions = questions();
        if (rounds < 1 || rounds > MAX_ROUNDS || questions.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(),
                    questions.isEmpty()
                            ? "--only=" + only + " is found in no question"
                            : "--rounds=" + rounds + ", must be 1 to " + MAX_ROUNDS);
        }
        Optional<NatsC> natsC =
                smoke ? NatsC.build(NATS_C_SMOKE, NATS_C_SMOKE) : NatsC.build(NATS_C_WARM_UP, NATS_C_MEASURED);
        try {
            compare(command, questions, natsC);
        } finally {
            natsC.ifPresent(NatsC::close);
        }
        return 0;
    }

    private void compare(CommandSpec command, List<Question> questions, Optional<NatsC> natsC) {
        PrintWriter out = command.commandLine().getOut();
        Map<Bench.Kind, Bench> benches = new EnumMap<>(Bench.Kind.class);
        benches.put(Bench.Kind.JMH, smoke ? SMOKE : FORK);
        natsC.ifPresent(bench -> benches.put(Bench.Kind.NATS_C, bench));
        String natsCIs = natsC.map(NatsC::version).orElse("not measured: libnats-dev is not installed");
        out.println("nats.c: " + natsCIs);
        Comparison.Result result;
        try (Sites sites = theme() == Theme.TLS ? Sites.overTls(serverVersion) : Sites.inTheClear(serverVersion)) {
            result = new Comparison(questions, rounds, benches, sites, line -> {
                        out.println(line);
                        out.flush();
                    })
                    .run();
        }
        ComparisonSection section = new ComparisonSection(theme(), questions, rounds, result.measurements(), natsCIs);
        questions.forEach(question -> out.println("\n" + section.table(question).text()));
        if (theme().hasGoals()) {
            out.println("\n" + section.goals().text());
        }
        resultsFile().ifPresent(file -> {
            List<String> words =
                    command.commandLine().getParent().getParseResult().originalArgs();
            section.write(file, Environment.now(result.serverVersion(), words));
            out.println("results: " + file);
        });
        out.flush();
    }

    private Theme theme() {
        return theme == null ? Theme.CLIENTS : theme.theme();
    }

    private List<Question> questions() {
        return theme().questions().stream()
                .filter(question ->
                        only == null || only.matcher(question.name()).find())
                .toList();
    }

    private Optional<Path> resultsFile() {
        if (results != null) {
            return Optional.of(results);
        }
        return smoke || only != null ? Optional.empty() : Optional.of(ResultsFile.defaultPath("benchmarks"));
    }
}
