package io.mallard.internal.route;

import io.mallard.ConnectionOptions;
import io.mallard.HotSwapOptions;
import io.mallard.internal.connection.FakeDialer;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.server.Backoff;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A pool whose network, user, clock and dice do what a test says. Options are set before {@link #pool()}. */
abstract class StandbyPoolScene {
    static final long ATTEMPT_TIMEOUT_NS = 1_000;
    static final long HOT_SWAP_TIMEOUT_NS = 3_000;
    static final long JITTER_NS = 50_000;
    static final long PAUSE_NS = 1_000_000;
    static final long PING_INTERVAL_NS = ConnectionOptions.DEFAULT_PING_INTERVAL.toNanos();
    static final ServerAddress A = new ServerAddress("a", 4222);
    static final ServerAddress B = new ServerAddress("b", 4222);
    static final ServerAddress C = new ServerAddress("c", 4222);

    /** Always the largest value it may give, so that a random wait is its bound. */
    static final class Largest extends Random {
        private static final long serialVersionUID = 1L;

        @Override
        public double nextDouble() {
            return Math.nextDown(1.0);
        }
    }

    final class User extends RecordingOwner implements StandbyPool.User {
        @Override
        public void onStandby(ServerConnection standby) {
            note("standby");
            if (takesAtOnce) {
                pool.take(nowNs);
            }
        }

        @Override
        public void onRoundFailed(Map<ServerAddress, Throwable> failures) {
            failures.forEach((address, failure) -> note(address.host() + ": " + failure.getMessage()));
            note("round failed");
        }

        @Override
        public ServerConnection carrier() {
            return carrier;
        }

        @Override
        public void onClosed(ServerConnection connection, Throwable cause) {
            super.onClosed(connection, cause);
            pool.onGone(connection, nowNs);
        }
    }

    // Options.
    int standbys = 1;
    List<ServerAddress> hotSwapServers = List.of();
    boolean preferDifferentServer = true;
    Duration checkInterval = Duration.ofHours(1);
    int breakerFailures = Integer.MAX_VALUE;

    final FakeDialer dialer = new FakeDialer();
    final User user = new User();
    ServerPool servers;
    StandbyPool pool = pool();
    ServerConnection carrier;
    boolean takesAtOnce;
    long nowNs;

    /** A pool with the options as they are now, which knows A, B and C. */
    StandbyPool pool() {
        servers = new ServerPool(List.of(A, B, C), hotSwapServers, false, false, -1, new Random(1));
        return new StandbyPool(
                servers,
                dialer,
                new Backoff(100, 1_000, 1),
                new Largest(),
                new HotSwapOptions(
                        true,
                        standbys,
                        List.of(),
                        preferDifferentServer,
                        Duration.ofNanos(HOT_SWAP_TIMEOUT_NS),
                        Duration.ofNanos(JITTER_NS),
                        checkInterval,
                        breakerFailures,
                        Duration.ofNanos(PAUSE_NS),
                        false),
                ATTEMPT_TIMEOUT_NS,
                user,
                nowNs);
    }

    /** Traffic goes to A, the server of id 1. */
    void carryOnA() {
        carrier = FakePeer.ready("1", A, new RecordingOwner()).connection();
        servers.onConnected(A, carrier.info());
    }

    /** The next attempt reaches a server of that id. */
    FakePeer connectNext(String serverId) {
        pool.onTick(nowNs);
        return dialer.connects(serverId);
    }

    /** Lets every candidate refuse; returns the wait that follows. */
    long failARound() {
        long waitNs = pool.onTick(nowNs);
        while (dialer.isDialling()) {
            dialer.fails("refused");
            waitNs = pool.onTick(nowNs);
        }
        return waitNs;
    }

    long failARoundAfter(long waitNs) {
        nowNs += waitNs;
        return failARound();
    }
}
