package io.mallard.it.sizing;

import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The measurement as a section of the results file, one per server generation.
 *
 * <p>Threading: stateless.
 */
final class SizingSection {
    private static final List<String> HEADER =
            List.of("for each client", "connections", "heap KiB", "direct memory KiB", "memory of the servers KiB");
    private static final double KIB = 1024;

    private SizingSection() {}

    static void write(Path file, SizingResult result, Environment environment) {
        ResultsFile.write(file, "sizing " + environment.serverGeneration(), markdown(result, environment));
    }

    static Table table(SizingResult result) {
        List<List<String>> rows = new ArrayList<>();
        for (int standbys = 0; standbys < result.perClient().size(); standbys++) {
            rows.add(row("standbys=" + standbys, result.perClient().get(standbys)));
        }
        rows.add(row("one standby", result.perStandby()));
        return new Table(HEADER, rows);
    }

    static String pings(SizingResult result) {
        return String.format(
                Locale.ROOT,
                "A standby sent %d PINGs in %d s.",
                result.pings(),
                result.pingsWatched().toSeconds());
    }

    static String markdown(SizingResult result, Environment environment) {
        return String.join(
                "\n\n",
                "## What a standby costs, nats-server " + environment.serverGeneration(),
                String.format(
                                Locale.ROOT,
                                "%,d idle clients of a cluster of %d in one process. What came into use while they connected, divided by"
                                        + " their number: heap and direct memory behind a garbage collection, and the resident memory that"
                                        + " the servers themselves report. *One standby* is the difference between the first row and the"
                                        + " last, shared by its standbys. ",
                                result.clients(),
                                SizingRun.NODES)
                        + pings(result),
                table(result).markdown(),
                environment.markdown());
    }

    private static List<String> row(String label, Footprint footprint) {
        return List.of(
                label,
                String.format(Locale.ROOT, "%.2f", footprint.connections()),
                kib(footprint.heapBytes()),
                kib(footprint.directBytes()),
                kib(footprint.serverBytes()));
    }

    private static String kib(double bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / KIB);
    }
}
