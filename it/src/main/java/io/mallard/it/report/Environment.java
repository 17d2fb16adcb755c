package io.mallard.it.report;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where and how a run took place, as far as it matters to whoever reads its numbers.
 *
 * <p>Threading: immutable.
 */
public record Environment(String serverVersion, String command) {
    /** Label and value, in the order to show them. */
    Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("nats-server", serverVersion);
        facts.put("JDK", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put("command", command);
        return facts;
    }
}
