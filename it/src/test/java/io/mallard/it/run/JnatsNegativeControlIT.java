package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.load.ClientKind;
import io.mallard.it.load.HotSwap;
import io.mallard.it.load.Load;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The judge finds something where there is something to find: a client that waits to be evicted. */
class JnatsNegativeControlIT {
    /** One run loses publishes or requests nearly always; none of these is down to luck. */
    private static final int RUNS = 4;

    private static final RunOptions OPTIONS = new RunOptions(
            2,
            new Load.Rates(1000, 20_000, 5000),
            8,
            Timetable.inARow(2),
            "",
            1,
            ClientKind.JNATS,
            HotSwap.STANDBY,
            Duration.ofMillis(500));

    @Test
    void losesPublishesOrRequestsAndWhatItOughtToReceiveUnderTheSameJudge() throws InterruptedException {
        long lostOnItsWayOut = 0;
        long lostOnItsWayIn = 0;
        for (int i = 0; i < RUNS && (lostOnItsWayOut == 0 || lostOnItsWayIn == 0); i++) {
            RunResult result = run();
            lostOnItsWayOut +=
                    result.whole().publishes().lost() + result.whole().failed();
            lostOnItsWayIn += result.whole().receives().lost();
            assertThat(Verdict.of(result).passed()).isFalse();
        }

        assertThat(lostOnItsWayOut)
                .as("publishes and requests lost in %s runs", RUNS)
                .isPositive();
        assertThat(lostOnItsWayIn).as("messages not received in %s runs", RUNS).isPositive();
    }

    private static RunResult run() throws InterruptedException {
        RunResult result = new LameDuckRun(OPTIONS, new Silence()).play();
        assertThat(result.troubles())
                .as("a loss proves nothing in a run with troubles")
                .isEmpty();
        assertThat(result.episodes())
                .as("moves of a client that stays until it is evicted")
                .hasSize(2)
                .noneMatch(judged -> judged.episode().moved());
        assertThat(result.warmUp().plus(result.judged()))
                .as("warm-up, episodes and rest together")
                .isEqualTo(result.whole());
        return result;
    }

    private static final class Silence implements RunObserver {
        @Override
        public void onPhase(String phase) {}

        @Override
        public void onSnapshot(Snapshot snapshot) {}
    }
}
