package io.mallard.it.report;

import io.mallard.it.run.Spread;
import io.mallard.it.run.SwapCost;
import io.mallard.it.run.SwapCost.Measure;
import java.util.List;
import java.util.Locale;

/** What a swap costs, one measure per row; the same for the terminal and the results file. */
public final class SwapCostTable {
    /** What the rows mean. */
    public static final String NOTE =
            "*Added* is the second from the lame-duck signal less a calm second of the same episode: the"
                    + " client on its new server, the old one still up, the judge doing the same. The 95 % interval is that of the"
                    + " median over the episodes.";

    private static final List<String> HEADER =
            List.of("a swap costs", "episodes", "min", "p25", "p50", "p75", "p95", "max", "95 % interval of p50");

    private SwapCostTable() {}

    public static Table of(SwapCost cost) {
        return new Table(
                HEADER, cost.measures().stream().map(SwapCostTable::row).toList());
    }

    private static List<String> row(Measure measure) {
        Spread spread = measure.spread();
        return List.of(
                measure.name(),
                String.valueOf(spread.count()),
                number(spread.min()),
                number(spread.p25()),
                number(spread.p50()),
                number(spread.p75()),
                number(spread.p95()),
                number(spread.max()),
                number(spread.medianFrom()) + " to " + number(spread.medianTo()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
