package io.mallard.it.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.report.Environment;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class SizingSectionTest {
    @Test
    void sharesTheDifferenceAmongTheStandbys() {
        SizingResult result = new SizingResult(
                1000,
                List.of(
                        new Footprint(100 << 10, 200 << 10, 30 << 10, 1),
                        new Footprint(105 << 10, 216 << 10, 50 << 10, 2),
                        new Footprint(112 << 10, 232 << 10, 90 << 10, 3)),
                15,
                Duration.ofMinutes(1),
                "2.10.27");

        assertThat(SizingSection.markdown(result, new Environment("2.10.27", LocalDate.of(2026, 1, 2), "sizing")))
                .contains("nats-server 2.10")
                .contains("1,000 idle clients of a cluster of 3")
                .contains("A standby sent 15 PINGs in 60 s.")
                .contains("| standbys=0 | 1.00 | 100.0 | 200.0 | 30.0 |")
                .contains("| standbys=1 | 2.00 | 105.0 | 216.0 | 50.0 |")
                .contains("| one standby | 1.00 | 6.0 | 16.0 | 30.0 |")
                .contains("- command: sizing");
    }
}
