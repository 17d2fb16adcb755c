package io.mallard.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Servers that refuse the credentials. */
class StandbyRefusalTest extends StandbyPoolScene {
    /** Every candidate refuses; returns the wait that follows. */
    private long refuseARoundAfter(long waitNs) {
        nowNs += waitNs;
        long nextNs = pool.onTick(nowNs);
        while (dialer.isDialling()) {
            dialer.refuses("no");
            nextNs = pool.onTick(nowNs);
        }
        return nextNs;
    }

    @Test
    void aServerIsTriedTwiceAndThenNoMore() {
        pool.need(nowNs);
        long waitNs = refuseARoundAfter(0);
        waitNs = refuseARoundAfter(waitNs);
        assertThat(dialer.takeDialled()).containsExactly(A, B, C, A, B, C);
        assertThat(servers.isRefusedByAll()).isTrue();
        user.takeEvents();

        refuseARoundAfter(waitNs);

        assertThat(dialer.takeDialled()).isEmpty();
        assertThat(user.takeEvents())
                .containsExactlyInAnyOrder(
                        "a: it has refused the credentials twice",
                        "b: it has refused the credentials twice",
                        "c: it has refused the credentials twice",
                        "round failed");
    }

    @Test
    void whatWasRefusedToASpareConnectionIsTriedAgainWhenOneIsNeeded() {
        carryOnA();
        long waitNs = refuseARoundAfter(0);
        waitNs = refuseARoundAfter(waitNs);
        refuseARoundAfter(waitNs);
        assertThat(dialer.takeDialled()).containsExactly(B, C, B, C);

        carrier = null;
        pool.needAtOnce(nowNs);
        pool.onTick(nowNs);

        assertThat(dialer.takeDialled()).containsExactly(B);
    }

    @Test
    void afterThePauseOfTheBreakerASpareConnectionIsTriedAgain() {
        breakerFailures = 3;
        pool = pool();
        carryOnA();
        long waitNs = refuseARoundAfter(0);
        waitNs = refuseARoundAfter(waitNs);
        waitNs = refuseARoundAfter(waitNs);
        assertThat(waitNs).isGreaterThan(PAUSE_NS);
        dialer.takeDialled();

        refuseARoundAfter(waitNs);

        assertThat(dialer.takeDialled()).containsExactly(B, C);
    }
}
