package io.mallard.it.report;

import io.mallard.it.soak.Flatness;
import io.mallard.it.soak.Gauge;
import io.mallard.it.soak.Trend;
import java.util.List;

/**
 * What the process of a run held at its beginning and at its end, a row for each gauge.
 *
 * <p>Threading: stateless.
 */
public final class ProcessTable {
    /** The rule, under the table. */
    public static final String NOTE =
            "*First* and *last*: the medians of the first and the last quarter of the time behind a"
                    + " warm-up of a sixth. *Trend*: the median of the slopes between all pairs of samples (Theil–Sen), over all that time."
                    + " *Flat*: neither the difference of the medians nor the trend is more than what is *allowed*. Heap is taken behind a"
                    + " collection. Client, load and judge share the process.";

    private static final List<String> HEADER =
            List.of("the process holds", "flat", "first", "last", "difference", "trend", "allowed");

    private ProcessTable() {}

    public static Table of(Flatness flatness) {
        return new Table(
                HEADER, flatness.trends().stream().map(ProcessTable::row).toList(), 2);
    }

    private static List<String> row(Trend trend) {
        Gauge gauge = trend.gauge();
        return List.of(
                gauge.label(),
                trend.isFlat() ? "yes" : "no",
                gauge.text(trend.first()),
                gauge.text(trend.last()),
                gauge.text(trend.step()),
                gauge.text(trend.drift()),
                gauge.text(trend.allowed()));
    }
}
