package io.mallard.it.settle;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.Main;
import io.mallard.it.support.NoLeaks;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class SettleIT {
    @TempDir
    private Path directory;

    @Test
    void measuresEveryWaitAndWritesItDown() {
        Path results = directory.resolve("RESULTS.md");

        int exitCode = Main.commandLine().execute("settle", "--smoke", "--results=" + results);

        assertThat(exitCode).isZero();
        assertThat(results)
                .content()
                .contains("| no wait | 10 |", "| PONG | 10 |", "| PONG + 1 ms | 10 |", "| PONG + 50 ms | 10 |");
    }

    /** Without a wait four moves in five are out of order: to see none of 50 would take a blind judge. */
    @Test
    void seesTheDisorderOfNotWaitingAndHoldsAsLongAsItSays() throws InterruptedException {
        SettleResult result = new SettleRun(new SettleOptions(50, List.of(20), 3, "", 1), progress -> {}).play();

        assertThat(result.broken()).isEmpty();
        RuleOutcome noWait = result.outcomes().get(0);
        RuleOutcome settled = result.outcomes().get(1);
        assertThat(noWait.rule()).isEqualTo(CutoverRule.NO_WAIT);
        assertThat(noWait.cutovers()).isEqualTo(50);
        assertThat(noWait.disordered()).isPositive();
        assertThat(settled.rule()).isEqualTo(CutoverRule.pongAnd(20));
        assertThat(settled.cutovers()).isEqualTo(50);
        assertThat(settled.heldMs(0)).isGreaterThanOrEqualTo(20);
        assertThat(settled.findings().published()).isGreaterThan(50 * 20);
    }
}
