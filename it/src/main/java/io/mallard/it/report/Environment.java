package io.mallard.it.report;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where, when and how a run took place, as far as it matters to whoever reads its numbers.
 *
 * <p>Threading: immutable.
 */
public record Environment(String serverVersion, LocalDate date, String command) {
    /** Today, on this machine, with these words behind the program's name. */
    public static Environment now(String serverVersion, List<String> arguments, long seed) {
        Environment environment = now(serverVersion, arguments);
        return new Environment(serverVersion, environment.date, environment.command + ", seed " + seed);
    }

    /** The same of a run that leaves nothing to chance. */
    public static Environment now(String serverVersion, List<String> arguments) {
        // Where the results go is no part of what was run.
        String command = arguments.stream()
                .filter(argument ->
                        Stream.of("--report=", "--results=", "--picture=").noneMatch(argument::startsWith))
                .collect(Collectors.joining(" "));
        return new Environment(serverVersion, LocalDate.now(ZoneOffset.UTC), command);
    }

    /** The server's generation: 2.10 for 2.10.27. */
    public String serverGeneration() {
        String[] numbers = serverVersion.split("\\.", -1);
        return numbers[0] + "." + numbers[1];
    }

    /** The facts as a list. */
    public String markdown() {
        return facts().entrySet().stream()
                .map(fact -> "- " + fact.getKey() + ": " + fact.getValue())
                .collect(Collectors.joining("\n"));
    }

    /** Label and value, in the order to show them. */
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("nats-server", serverVersion);
        facts.put("date", date.toString());
        facts.put("JDK", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put("command", command);
        return facts;
    }
}
