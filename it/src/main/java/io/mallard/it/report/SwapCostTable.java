package io.mallard.it.report;

import io.mallard.it.run.Spread;
import io.mallard.it.run.SwapCost;
import io.mallard.it.run.SwapCost.Measure;
import java.util.List;
import java.util.Locale;

/** What a swap costs, one measure per row; the same for the terminal and the results file. */
final class SwapCostTable {
    private static final List<String> HEADER =
            List.of("a swap costs", "episodes", "min", "p25", "p50", "p75", "max", "95 % interval of p50");

    private SwapCostTable() {}

    static Table of(SwapCost cost) {
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
                number(spread.max()),
                number(spread.medianFrom()) + " to " + number(spread.medianTo()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
