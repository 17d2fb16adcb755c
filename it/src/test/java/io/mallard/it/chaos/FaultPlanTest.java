package io.mallard.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
    private static final Duration LONG = Duration.ofMinutes(30);

    @Test
    void sameSeedAndDurationAreTheSameFaults() {
        FaultPlan plan = FaultPlan.of(42, LONG);

        assertThat(FaultPlan.of(42, LONG)).isEqualTo(plan);
        assertThat(FaultPlan.of(42, LONG).text()).isEqualTo(plan.text());
        assertThat(FaultPlan.of(43, LONG).faults()).isNotEqualTo(plan.faults());
    }

    @Test
    void aLongerPlanBeginsAsAShorterOne() {
        List<Fault> brief = FaultPlan.of(7, FaultPlan.FULL_ROUND).faults();

        assertThat(FaultPlan.of(7, LONG).faults()).startsWith(brief.toArray(Fault[]::new));
    }

    @Test
    void everyKindComesOnceToTheClientsServerBeforeAnyComesAgain() {
        LongStream.range(0, 50).forEach(seed -> {
            List<Fault> faults = FaultPlan.of(seed, FaultPlan.FULL_ROUND).faults();

            assertThat(faults).extracting(Fault::kind).containsExactlyInAnyOrder(FaultKind.values());
            assertThat(faults).extracting(Fault::victim).containsOnly(Victim.CARRIER);
        });
    }

    @Test
    void everyKindComesToEveryVictimItHasInALongPlan() {
        List<Fault> faults = FaultPlan.of(1, LONG).faults();

        Arrays.stream(FaultKind.values())
                .forEach(kind -> assertThat(faults.stream()
                                .filter(fault -> fault.kind() == kind)
                                .map(Fault::victim))
                        .as("%s", kind)
                        .containsAll(kind.victims()));
    }

    @Test
    void thereAreNoMoreUpgradesThanGenerations() {
        assertThat(FaultPlan.of(1, LONG).faults())
                .filteredOn(fault -> fault.kind() == FaultKind.UPGRADE)
                .hasSize(2);
    }

    @Test
    void everyFaultHasItsSlotAndEndsWithinTheDuration() {
        List<Fault> faults = FaultPlan.of(3, LONG).faults();

        for (int i = 1; i < faults.size(); i++) {
            Fault before = faults.get(i - 1);
            assertThat(faults.get(i).at())
                    .isEqualTo(before.at().plus(before.kind().slot()));
            assertThat(faults.get(i).number()).isEqualTo(i + 1);
            assertThat(before.lasts().plus(ChaosRun.CALM))
                    .as("%s", before)
                    .isLessThan(before.kind().slot());
        }
        Fault last = faults.get(faults.size() - 1);
        assertThat(last.at().plus(last.kind().slot())).isLessThanOrEqualTo(LONG);
    }
}
