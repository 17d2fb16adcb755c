package io.mallard.internal.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowanceTest {
    /** A server, as far as limits go: how much it delivers of a subscription it has. */
    private static final class Server {
        boolean subscribed;
        long delivered;
        long limit;

        void sub() {
            if (!subscribed) {
                subscribed = true;
                delivered = 0;
                limit = 0;
            }
        }

        /** As nats-server: a limit that is reached already ends the subscription. */
        void unsub(long max) {
            limit = max;
            subscribed = subscribed && max > delivered;
        }

        boolean deliver() {
            if (!subscribed) {
                return false;
            }
            delivered++;
            subscribed = limit == 0 || delivered < limit;
            return true;
        }
    }

    @Test
    void withoutALimitNothingIsTold() {
        Allowance allowance = new Allowance(true, true);
        assertThat(allowance.limit()).isEqualTo(Allowance.UNLIMITED);
        assertThat(allowance.split()).isEqualTo(Allowance.UNLIMITED);
        assertThat(allowance.onOverlap()).isTrue();
        assertThat(allowance.limitThere()).isEqualTo(Allowance.UNLIMITED);
        assertThat(allowance.isUsedUp()).isFalse();
    }

    @Test
    void aServerIsToldWhatItMayDeliverOnTopOfWhatItHas() {
        Allowance allowance = new Allowance(true, true);
        receive(allowance, 3);
        allowance.onMoved();
        receive(allowance, 2);

        allowance.limitTo(10);

        assertThat(allowance.limit())
                .as("5 of 10 are left, and this server has delivered 2")
                .isEqualTo(7);
        receive(allowance, 5);
        assertThat(allowance.isUsedUp()).isTrue();
    }

    @Test
    void aPlainSubscriptionsLimitIsTheBusinessOfServersThatWereNotToldOtherwise() {
        Allowance allowance = new Allowance(false, false);
        allowance.limitTo(10);

        assertThat(allowance.isServersBusiness()).isFalse();
        assertThat(allowance.limit()).isEqualTo(Allowance.UNLIMITED);
        receive(allowance, 10);
        assertThat(allowance.isUsedUp()).isTrue();
        assertThat(new Allowance(true, false).isServersBusiness()).isFalse();
    }

    /** Both send the same: the second one's copies do not count, to the client. */
    @Test
    void aPlainSubscriptionHasNoLimitOnASecondServerUntilThereAreNoCopies() {
        Allowance allowance = new Allowance(false, true);
        allowance.limitTo(10);
        receive(allowance, 4);
        assertThat(allowance.limit()).isEqualTo(10);
        assertThat(allowance.split()).isEqualTo(Allowance.UNLIMITED);
        assertThat(allowance.onOverlap()).isTrue();
        assertThat(allowance.limitThere()).isEqualTo(Allowance.UNLIMITED);
        allowance.onArrived(true); // A copy of the next one.
        receive(allowance, 1);
        assertThat(allowance.onOverlapEnded()).isFalse();

        allowance.onArrived(false); // A copy that comes late.

        assertThat(allowance.limit()).as("2 came, and 5 are left").isEqualTo(7);
        allowance.onMoved();
        assertThat(allowance.limit()).isEqualTo(5);
    }

    @Test
    void aPlainSubscriptionIsUsedUpWhenTheClientHasDeliveredThatMany() {
        Allowance allowance = new Allowance(false, true);
        allowance.limitTo(10);
        assertThat(allowance.split()).isEqualTo(Allowance.UNLIMITED);
        assertThat(allowance.onOverlap()).isTrue();
        assertThat(allowance.limitThere()).isEqualTo(Allowance.UNLIMITED);
        assertThat(allowance.onOverlapEnded()).isFalse();
        receive(allowance, 9);
        assertThat(allowance.isUsedUp()).isFalse();
        receive(allowance, 1);
        assertThat(allowance.isUsedUp()).isTrue();
    }

    @Test
    void aLimitSetWhenTheFirstServerHasEndedDoesNotTakeTheSubscriptionFromTheSecond() {
        Allowance allowance = new Allowance(true, true);
        allowance.onOverlap();
        allowance.onArrived(true);
        allowance.onDelivered();

        allowance.limitTo(10);

        assertThat(allowance.onOverlapEnded()).isFalse();
        assertThat(allowance.limit()).isEqualTo(10);
    }

    /** Two handovers; messages come through whichever server is free to take them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 1_000})
    void ofAQueueGroupNoServerEverDeliversOneTooManyAndNoneIsMissingInTheEnd(int max) {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Allowance allowance = new Allowance(true, true);
            allowance.limitTo(max);
            Server here = new Server();
            here.sub();
            here.unsub(allowance.limit());
            long taken = 0;
            for (int handover = 0; handover < 2; handover++) {
                taken += offer(random.nextInt(max), here, null, allowance, random);
                here.unsub(allowance.split());
                taken += offer(random.nextInt(max), here, null, allowance, random);
                Server there = new Server();
                if (allowance.onOverlap()) {
                    there.sub();
                    there.unsub(allowance.limitThere());
                }
                taken += offer(random.nextInt(max), here, there, allowance, random);
                here.subscribed = false;
                if (allowance.onOverlapEnded()) {
                    there.sub();
                }
                there.unsub(allowance.limit());
                here = there;
            }
            taken += offer(2 * max, here, null, allowance, random);

            assertThat(taken).as("seed %d", seed).isEqualTo(max);
            assertThat(allowance.isUsedUp()).isTrue();
        }
    }

    private static long offer(int messages, Server here, Server there, Allowance allowance, Random random) {
        long taken = 0;
        for (int i = 0; i < messages; i++) {
            boolean toThere = there != null && random.nextBoolean();
            if (toThere ? there.deliver() : here.deliver()) {
                allowance.onArrived(toThere);
                allowance.onDelivered();
                taken++;
            }
        }
        return taken;
    }

    private static void receive(Allowance allowance, int messages) {
        for (int i = 0; i < messages; i++) {
            allowance.onArrived(false);
            allowance.onDelivered();
        }
    }
}
