package io.mallard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever searches the runbook for what a client says finds it. */
class RunbookTest {
    private static final Path OBSERVE = Path.of("src/main/java/io/mallard/internal/observe");
    private static final Path RPC = Path.of("src/main/java/io/mallard/rpc");
    private static final Path OPS = Path.of("src/main/ops");

    private static final Pattern CALL = Pattern.compile(
            "(?:log|LOG|ofStandby\\(number\\))\\.(?:debug|info|warn|error)\\((.*?)\\);", Pattern.DOTALL);
    private static final Pattern CONCATENATION = Pattern.compile("\"\\s*\\+\\s*\"");
    private static final Pattern LITERAL = Pattern.compile("\"([^\"]*)\"");
    /** No words of their own. */
    private static final Set<String> FORMATS = Set.of("", "{}", "%,d");

    @Test
    void hasEveryLineOfTheLog() throws IOException {
        String said = Files.readString(OBSERVE.resolve("EventLog.java"))
                + Files.readString(RPC.resolve("Replies.java"))
                + Files.readString(RPC.resolve("RpcServer.java"))
                + Files.readString(RPC.resolve("RpcFrontend.java"));
        List<String> lines = matches(CALL, said)
                .map(call -> CONCATENATION.matcher(call).replaceAll(""))
                .flatMap(call -> matches(LITERAL, call))
                .filter(literal -> !FORMATS.contains(literal))
                .map(literal -> literal.replaceAll("(?:\\{})+", "…"))
                .toList();

        assertThat(lines)
                .hasSizeGreaterThan(70)
                .contains("Hot-swap client failed: …", "unable to decode msg from nats: …");
        assertThat(Files.readString(OPS.resolve("RUNBOOK.md"))).contains(lines);
    }

    @Test
    void hasEveryEventOfTheFlightRecorder() throws IOException {
        List<String> events = matches(
                        Pattern.compile("@Name\\(\"(.*?)\"\\)"), Files.readString(OBSERVE.resolve("FlightEvents.java")))
                .map(name -> "| `" + name + "` |")
                .toList();

        assertThat(events).hasSize(6);
        assertThat(Files.readString(OPS.resolve("RUNBOOK.md"))).contains(events);
    }

    @Test
    void hasAPlaceForEveryAlert() throws IOException {
        String rules = Files.readString(OPS.resolve("prometheus/mallard-alerts.yml"));
        List<String> alerts = matches(Pattern.compile("alert: (\\w+)"), rules)
                .map(alert -> "\n### " + alert + "\n")
                .toList();

        assertThat(alerts).hasSize(8);
        assertThat(Files.readString(OPS.resolve("RUNBOOK.md"))).contains(alerts);
        assertThat(matches(Pattern.compile("runbook: RUNBOOK\\.md#(\\w+)"), rules))
                .containsExactlyElementsOf(matches(Pattern.compile("alert: (\\w+)"), rules)
                        .map(String::toLowerCase)
                        .toList());
    }

    private static Stream<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult match) -> match.group(1));
    }
}
