package io.mallard.it.hostile;

import io.mallard.it.report.Environment;
import io.mallard.it.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The attacks as a section of the results file.
 *
 * <p>Threading: stateless.
 */
final class HostileSection {
    private static final List<String> HEADER = List.of(
            "attack", "connection", "sent KB", "connections", "heap MB", "direct MB", "log lines", "client lives");
    private static final int WORDS = 2;

    private HostileSection() {}

    static Table table(List<AttackResult> results) {
        List<List<String>> rows = new ArrayList<>();
        for (AttackResult result : results) {
            rows.add(List.of(
                    result.attack().words,
                    result.outcome().words,
                    String.format(Locale.ROOT, "%,d", result.sentBytes() / 1_000),
                    String.valueOf(result.connections()),
                    megabytes(result.heapBytes()),
                    megabytes(result.directBytes()),
                    String.valueOf(result.logLines()),
                    result.lives() ? "yes" : "no"));
        }
        return new Table(HEADER, rows, WORDS);
    }

    static String markdown(List<AttackResult> results, Environment environment) {
        return String.join(
                "\n\n",
                "## A hostile server",
                "One client, one server that means harm and a good one behind it. *refused*: the handshake failed;"
                        + " *ended*: the client ended the connection and told its listener why; *left*: it moved to the good"
                        + " server; *goes on*: nothing happened. Memory is the most in use at a time, behind garbage"
                        + " collections, more than before; the attacker's own is part of it. *Client lives*: when the attack was"
                        + " over, its subscription received its own message through the good server. Bounds: "
                        + megabytes(AttackResult.MAX_HEAP_BYTES) + " MB of heap, "
                        + megabytes(AttackResult.MAX_DIRECT_BYTES) + " MB of direct memory, "
                        + AttackResult.MAX_LOG_LINES + " log lines, " + AttackResult.MAX_CONNECTIONS + " connections.",
                table(results).markdown(),
                environment.markdown());
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
    }
}
