package io.mallard.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.PublishReliability;
import io.mallard.it.Main;
import io.mallard.it.judge.History.Kind;
import io.mallard.it.support.NoLeaks;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class ChaosIT {
    @TempDir
    private Path directory;

    @Test
    void everyKindOfFaultComesOnceAndEveryPromiseHolds() {
        Path results = directory.resolve("RESULTS.md");
        Path report = directory.resolve("report.html");

        int exitCode = Main.commandLine()
                .execute(
                        "chaos",
                        "--duration=" + FaultPlan.FULL_ROUND.toSeconds() + "s",
                        "--seed=42",
                        "--results=" + results,
                        "--report=" + report);

        int kinds = FaultKind.values().length;
        assertThat(results)
                .content()
                .contains("verdict: faults=" + kinds + " kinds=" + kinds + " of " + kinds + " broken=0 ")
                .contains("Every promise held.")
                .contains("--seed=42");
        assertThat(report).content().contains("<strong>passed</strong>").contains("<svg class=\"timeline\"");
        assertThat(exitCode).isZero();
    }

    /** The control: a plan in which something must be lost, judged as if nothing might. */
    @Test
    void findsThatAnythingIsLostWhereEverythingIsPromised() throws InterruptedException {
        ChaosOptions options = new ChaosOptions(
                Duration.ofSeconds(10), seedOfABrokenConnection(), "", PublishReliability.AT_MOST_ONCE, true);

        ChaosResult result = new ChaosRun(options, line -> {}).play();

        assertThat(result.troubles()).isEmpty();
        assertThat(result.violations()).isEmpty();
        assertThat(result.count(Kind.LOST)).isPositive();
        assertThat(result.ruling().broken()).isNotEmpty();
        assertThat(result.ruling().calm().broken())
                .as("nothing is lost between faults")
                .isEmpty();
        assertThat(result.isPassed()).isFalse();
    }

    /** The first one whose plan has a kill. */
    private static long seedOfABrokenConnection() {
        long seed = 0;
        while (FaultPlan.of(seed, Duration.ofSeconds(10)).faults().stream()
                .noneMatch(fault -> fault.kind() == FaultKind.KILL)) {
            seed++;
        }
        return seed;
    }
}
