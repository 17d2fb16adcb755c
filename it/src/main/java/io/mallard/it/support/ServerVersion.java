package io.mallard.it.support;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of a nats-server as it prints it, such as {@code 2.10.27}; ordered from old to new.
 *
 * <p>Threading: immutable.
 */
public record ServerVersion(String text) implements Comparable<ServerVersion> {
    private static final Pattern PRINTED = Pattern.compile("nats-server: v(\\S+)");
    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    public ServerVersion {
        if (!NUMBERS.matcher(text).matches()) {
            throw new IllegalArgumentException("version '" + text + "' does not begin with three numbers");
        }
    }

    /** Asks the executable itself. */
    static ServerVersion of(Path executable) {
        String output = ExternalProcess.run(TIMEOUT, List.of(executable.toString(), "--version"));
        Matcher printed = PRINTED.matcher(output);
        if (!printed.find()) {
            throw new NatsServerException(executable + " --version printed no version: " + output.strip());
        }
        return new ServerVersion(printed.group(1));
    }

    /** Whether the dot-separated components begin with those of the prefix: 2.10.27 has 2.10 but not 2.1. */
    public boolean hasPrefix(String prefix) {
        return text.equals(prefix) || text.startsWith(prefix + ".");
    }

    @Override
    public int compareTo(ServerVersion other) {
        int byNumbers = Arrays.compare(numbers(), other.numbers());
        return byNumbers != 0 ? byNumbers : text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }

    private int[] numbers() {
        Matcher matcher = NUMBERS.matcher(text);
        if (!matcher.matches()) {
            throw new AssertionError(text);
        }
        return new int[] {
            Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3))
        };
    }
}
