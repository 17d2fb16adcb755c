package io.mallard.it.report;

import io.mallard.it.load.Percentiles;
import io.mallard.it.run.Latencies;
import io.mallard.it.run.Latencies.Split;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** How long everything took, calm and not; the same for the terminal, the HTML page and the results file. */
public final class LatencyTable {
    /** What the rows mean. */
    public static final String NOTE =
            "*Calm*: no episode under way. *Lame duck*: from a signal until that server has exited."
                    + " *Whole run*: everything behind the warm-up. Requests count from their intended start to the answer.";

    private static final List<String> HEADER =
            List.of("latency, ms", "when", "count", "p50", "p90", "p95", "p99", "p99.9", "max");
    private static final int WORDS = 2;

    private LatencyTable() {}

    public static Table of(Latencies latencies) {
        return new Table(
                HEADER,
                Stream.of(
                                rows("request", latencies.requests()),
                                rows("publish to delivery", latencies.deliveries()),
                                rows("sent to received", latencies.receives()))
                        .flatMap(rows -> rows)
                        .toList(),
                WORDS);
    }

    private static Stream<List<String>> rows(String what, Split split) {
        return Stream.of(
                row(what, "calm", split.calm()),
                row(what, "lame duck", split.lameDuck()),
                row(what, "whole run", split.whole()));
    }

    private static List<String> row(String what, String when, Percentiles percentiles) {
        Stream<String> values = DoubleStream.of(
                        percentiles.p50Ms(),
                        percentiles.p90Ms(),
                        percentiles.p95Ms(),
                        percentiles.p99Ms(),
                        percentiles.p999Ms(),
                        percentiles.maxMs())
                .mapToObj(value -> String.format(Locale.ROOT, "%.2f", value));
        return Stream.concat(Stream.of(what, when, String.valueOf(percentiles.count())), values)
                .toList();
    }
}
