package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.run.SampleRun;
import org.junit.jupiter.api.Test;

class SwapCostTableTest {
    @Test
    void hasARowWithTheSpreadOfEveryMeasure() {
        assertThat(SwapCostTable.of(new SampleRun().result().swapCost()).markdown())
                .contains("| request, p99, ms added | 3 | 0.25 | 0.38 | 0.50 | 0.75 | 0.95 | 1.00 | 0.25 to 1.00 |");
    }
}
