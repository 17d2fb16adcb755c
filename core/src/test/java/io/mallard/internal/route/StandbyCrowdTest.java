package io.mallard.internal.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.mallard.HotSwapOptions;
import io.mallard.ReconnectOptions;
import io.mallard.internal.route.StandbyCrowd.Fault;
import io.mallard.internal.server.Backoff;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What jitter and backoff are for: a crowd of clients to which the same thing happens at once does not come at once. */
class StandbyCrowdTest {
    private static final Duration JITTER = HotSwapOptions.DEFAULT_REFILL_JITTER;
    private static final Backoff BACKOFF = new Backoff(
            ReconnectOptions.DEFAULT_FIRST_DELAY.toNanos(),
            ReconnectOptions.DEFAULT_MAX_DELAY.toNanos(),
            ReconnectOptions.DEFAULT_JITTER);

    /** Chance puts a little more into one bucket than into another; this is some eight standard deviations. */
    private static final double CHANCE = 1.2;

    private static final int SURVIVORS = StandbyCrowd.SERVERS - 1;

    /** One third of the clients has lost its server, another third its standby. */
    private static final double REFILLS = StandbyCrowd.CLIENTS * 2.0 / StandbyCrowd.SERVERS;

    /** In one bucket, on one server. */
    private static final double REFILLS_AT_MOST =
            CHANCE * REFILLS / SURVIVORS * StandbyCrowd.BUCKET_NS / JITTER.toNanos();

    private static final Duration AFTER_JITTER = JITTER.plusSeconds(1);

    /** From here on every wait is up to the longest: the bounds of those before it are this together, and some 3 s more. */
    private static final Duration LONGEST_WAITS = Duration.ofMillis(100 + 200 + 400 + 800 + 1600 + 3200);

    private static final Duration FOR_GOOD = Duration.ofDays(1);
    private static final Duration OUTAGE = LONGEST_WAITS.plusSeconds(3);
    private static final Duration WATCHED = OUTAGE.plusSeconds(8);

    /** A round over all servers after every longest wait, which is half of its bound on average. */
    private static final double ATTEMPTS_AT_MOST =
            CHANCE * StandbyCrowd.CLIENTS * StandbyCrowd.BUCKET_NS / (BACKOFF.maxNs() / 2.0);

    private static StandbyCrowd afterOutage;

    @BeforeAll
    static void letAllServersFailForAWhile() {
        afterOutage = new StandbyCrowd(Fault.OUTAGE, JITTER, BACKOFF, Random::new, OUTAGE, WATCHED);
    }

    private static StandbyCrowd afterLossOfOne(Fault fault, Duration jitter) {
        return new StandbyCrowd(fault, jitter, BACKOFF, Random::new, FOR_GOOD, AFTER_JITTER);
    }

    @ParameterizedTest
    @EnumSource(names = {"LAME_DUCK", "KILL"})
    void whenAServerGoesItsClientsHaveTheirStandbyAndTheOthersAreSpreadOverTheJitter(Fault fault) {
        StandbyCrowd crowd = afterLossOfOne(fault, JITTER);

        assertThat(crowd.withoutConnection()).isZero();
        assertThat(crowd.peak(1, Duration.ZERO, AFTER_JITTER)).isLessThan((int) REFILLS_AT_MOST);
        assertThat(crowd.peak(2, Duration.ZERO, AFTER_JITTER)).isLessThan((int) REFILLS_AT_MOST);
        assertThat(crowd.connects(1) + crowd.connects(2)).isCloseTo((int) REFILLS, withinPercentage(2));
        assertThat(crowd.withStandby()).isEqualTo(StandbyCrowd.CLIENTS);
    }

    @Test
    void withoutJitterTheyAllComeAtOnce() {
        StandbyCrowd crowd = afterLossOfOne(Fault.LAME_DUCK, Duration.ZERO);

        assertThat(crowd.peak(1, Duration.ZERO, AFTER_JITTER)).isGreaterThan((int) (10 * REFILLS_AT_MOST));
    }

    @Test
    void whenAllServersAreGoneAttemptsAreSpreadOverTheBackoff() {
        assertThat(afterOutage.withoutConnection()).isEqualTo(StandbyCrowd.CLIENTS);
        for (int server = 0; server < StandbyCrowd.SERVERS; server++) {
            assertThat(afterOutage.peak(server, LONGEST_WAITS, OUTAGE)).isLessThan((int) ATTEMPTS_AT_MOST);
        }
    }

    /** Each client comes twice, on any of the servers: for its connection, and within the jitter for its standby. */
    @Test
    void whenTheyAreBackNoneIsOverrun() {
        for (int server = 0; server < StandbyCrowd.SERVERS; server++) {
            assertThat(afterOutage.peak(server, OUTAGE, WATCHED))
                    .isLessThan((int) (2 * ATTEMPTS_AT_MOST / StandbyCrowd.SERVERS));
        }
        assertThat(afterOutage.withStandby()).isEqualTo(StandbyCrowd.CLIENTS);
    }

    @Test
    void withABackoffThatIsTheSameForAllTheyAllComeAtOnce() {
        StandbyCrowd crowd = new StandbyCrowd(
                Fault.OUTAGE, JITTER, BACKOFF, seed -> new StandbyPoolScene.Largest(), FOR_GOOD, OUTAGE);

        assertThat(crowd.peak(0, LONGEST_WAITS, OUTAGE)).isGreaterThan((int) (10 * ATTEMPTS_AT_MOST));
    }
}
