package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HotSwapOptions;
import io.mallard.internal.connection.FakeDialer;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.route.StandbyPool;
import io.mallard.internal.server.Backoff;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import io.mallard.protocol.wire.MessageView;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RebalancingTest {
    private static final long JITTER_NS = 1_000;
    private static final long TIMEOUT_NS = 500;
    /** Servers join at 0: nothing is due yet. */
    private static final long BEFORE_NS = -1;

    private static final ServerAddress A = new ServerAddress("a", 1);
    private static final ServerAddress B = new ServerAddress("b", 2);
    private static final ServerAddress NEW = new ServerAddress("new", 3);

    private final ServerPool servers = new ServerPool(List.of(A, B), List.of(), false, false, -1, new Random(1));
    private final FakePeer carrier = FakePeer.ready("1", A, new RecordingOwner());
    private final FakePeer standby = FakePeer.ready("3", NEW, new RecordingOwner());
    private final StandbyPool standbys = new StandbyPool(
            servers,
            new FakeDialer(),
            new Backoff(1, 1, 1),
            new Random(1),
            HotSwapOptions.DEFAULTS,
            1,
            new Settled(),
            0);

    /** Is connected and wants nothing. */
    private final class Settled implements StandbyPool.User {
        @Override
        public void onStandby(ServerConnection ready) {}

        @Override
        public void onRoundFailed(Map<ServerAddress, Throwable> failures) {}

        @Override
        public ServerConnection carrier() {
            return carrier.connection();
        }

        @Override
        public void onInfo(ServerConnection connection) {}

        @Override
        public void onLameDuck(ServerConnection connection) {}

        @Override
        public void onMessage(ServerConnection connection, MessageView message) {}

        @Override
        public void onServerError(ServerConnection connection, String text) {}

        @Override
        public void onClosed(ServerConnection connection, Throwable cause) {}
    }

    private Rebalancing rebalancing(boolean enabled, long seed) {
        return new Rebalancing(enabled, JITTER_NS, TIMEOUT_NS, servers, standbys, new Random(seed));
    }

    private static boolean isGoing(Rebalancing rebalancing) {
        return rebalancing.onTick(BEFORE_NS) != Long.MAX_VALUE;
    }

    /** One who goes there, because the cluster has no other server. */
    private Rebalancing going() {
        Rebalancing going = rebalancing(true, 1);
        going.onJoined(List.of(NEW), 1, 0);
        assertThat(isGoing(going)).isTrue();
        return going;
    }

    @Test
    void aServerThatJoinsGetsItsShareOfAllClients() {
        Random seeds = new Random(1);
        int clients = 30_000;
        int moving = 0;
        for (int i = 0; i < clients; i++) {
            Rebalancing each = rebalancing(true, seeds.nextLong());
            each.onJoined(List.of(NEW), 3, 0);
            moving += isGoing(each) ? 1 : 0;
        }

        assertThat(moving).isBetween(clients / 3 - 500, clients / 3 + 500);
    }

    @Test
    void movesBeginAtRandomMomentsWithinTheJitter() {
        Random seeds = new Random(1);
        int early = 0;
        for (int i = 0; i < 1_000; i++) {
            Rebalancing each = rebalancing(true, seeds.nextLong());
            each.onJoined(List.of(NEW), 1, 0);
            long waitNs = each.onTick(BEFORE_NS);
            assertThat(waitNs).isBetween(1L, JITTER_NS);
            early += waitNs < JITTER_NS / 2 ? 1 : 0;
        }

        assertThat(early).isBetween(400, 600);
    }

    @Test
    void theServerIsPreferredFromThenOnUntilTheMove() {
        Rebalancing going = going();
        assertThat(servers.hasAdopted()).isFalse();
        assertThat(going.isReady(standby.connection())).isFalse();

        going.onTick(JITTER_NS);
        assertThat(servers.isAdopted(NEW, "")).isTrue();
        assertThat(going.isReady(null)).isFalse();
        assertThat(going.isReady(carrier.connection())).isFalse();
        assertThat(going.isReady(standby.connection())).isTrue();
        going.end();

        assertThat(servers.hasAdopted()).isFalse();
        assertThat(going.isReady(standby.connection())).isFalse();
    }

    @Test
    void aServerThatDoesNotTakeItIsForgottenAfterAWhile() {
        Rebalancing going = going();
        going.onTick(JITTER_NS);

        going.onTick(JITTER_NS + TIMEOUT_NS);

        assertThat(servers.hasAdopted()).isFalse();
        assertThat(isGoing(going)).isFalse();
    }

    @Test
    void whatTheUserPrefersComesFirst() {
        servers.adopt(B);
        Rebalancing rebalancing = rebalancing(true, 1);

        rebalancing.onJoined(List.of(NEW), 1, 0);

        assertThat(isGoing(rebalancing)).isFalse();
        assertThat(servers.isAdopted(B, "")).isTrue();
    }

    @Test
    void nobodyMovesUnlessTheOptionsSaySo() {
        Rebalancing off = rebalancing(false, 1);

        off.onJoined(List.of(NEW), 1, 0);

        assertThat(isGoing(off)).isFalse();
    }
}
