package io.mallard.it.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * How often each reason was given. Numbers in a reason are left out, so that a growing count in a message does not make a new one.
 *
 * <p>Threading: any thread.
 */
final class Reasons {
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private final ConcurrentHashMap<String, Long> counts = new ConcurrentHashMap<>();

    void add(String reason) {
        counts.merge(NUMBER.matcher(reason).replaceAll("#"), 1L, Long::sum);
    }

    Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }
}
