package io.mallard.it.load;

import static io.mallard.DurationSummary.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.ClientMetrics;
import io.mallard.DurationSummary;
import io.mallard.HandoverCost;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.RequestBufferMetrics;
import org.junit.jupiter.api.Test;

class ClientAccountTest {
    private static final RequestBufferMetrics BUFFER = new RequestBufferMetrics(
            1_000, 1 << 20, 0, 7, 7, 0, 0, 9, 8, 1, 2, 1, new DurationSummary(2, 6, 3, 5, 5, 5));

    private final ClientAccount account = new ClientAccount(HotSwap.STANDBY);

    @Test
    void knowsTheAdoptionOfEveryLameDuckAndOfNothingElse() {
        account.onHandoverComplete(report(HandoverReason.LAME_DUCK, 1000, 0));
        account.onHandoverComplete(report(HandoverReason.LOST, 2000, 0));
        account.onHandoverComplete(report(HandoverReason.LAME_DUCK, 3000, 0));

        assertThat(account.figures(metrics(0, 0)).adoptionsNs()).containsExactly(1000L, 3000L);
    }

    @Test
    void countsEverySwapAsACreationIfThereWasNoStandby() {
        ClientAccount onDemand = new ClientAccount(HotSwap.ON_DEMAND);
        onDemand.onHandoverComplete(report(HandoverReason.LAME_DUCK, 1000, 0));

        assertThat(onDemand.figures(metrics(0, 0)).creationsNs()).containsExactly(1000L);
        assertThat(onDemand.figures(metrics(0, 0)).adoptionsNs()).isEmpty();
    }

    @Test
    void countsTheLameDucksWhoseLedgerIsWithoutLoss() {
        account.onHandoverComplete(report(HandoverReason.LAME_DUCK, 1000, 0));
        account.onHandoverComplete(report(HandoverReason.LAME_DUCK, 1000, 7));

        assertThat(account.figures(metrics(0, 0)).lameDucksWithoutLoss()).hasValue(1);
    }

    @Test
    void takesDoubtAndTheLastSwapFromTheMetrics() {
        ClientFigures figures = account.figures(metrics(5, 1234));

        assertThat(figures.publishesInDoubt()).isEqualTo(5);
        assertThat(figures.lastSwapNs()).hasValue(1234);
    }

    @Test
    void takesTheHotSwapsFromTheMetrics() {
        ClientFigures figures = account.figures(metrics(0, 0));

        assertThat(figures.creationAttempts()).hasValue(3);
        assertThat(figures.creationFailures()).hasValue(1);
    }

    @Test
    void takesWhatHadToWaitFromTheMetrics() {
        ClientFigures figures = account.figures(metrics(0, 0));

        assertThat(figures.requestsBuffered()).hasValue(9);
        assertThat(figures.bufferOverflows()).hasValue(2);
        assertThat(figures.longestBufferedMs()).hasValue(5e-6);
    }

    @Test
    void knowsNoSwapBeforeTheFirstOne() {
        assertThat(account.figures(metrics(0, 0)).lastSwapNs()).isEmpty();
    }

    private static ClientMetrics metrics(long inDoubt, long lastSwapNs) {
        return new ClientMetrics(
                0,
                0,
                0,
                0,
                0,
                inDoubt,
                0,
                0,
                3,
                1,
                0,
                NONE,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                lastSwapNs,
                NONE,
                NONE,
                NONE,
                NONE,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                BUFFER);
    }

    private static HandoverReport report(HandoverReason reason, long swapNs, long inDoubt) {
        return new HandoverReport(
                reason, "n1", "n2", swapNs, 0, 0, inDoubt, 0, 0, 0, 0, 0, false, true, HandoverCost.NONE);
    }
}
