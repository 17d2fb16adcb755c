package io.mallard.internal.route;

import io.mallard.HotSwapOptions;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.server.Backoff;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import io.mallard.protocol.wire.MessageView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * Many clients of three servers to which the same thing happens at the same moment, and the connects that reach each server.
 * Clients do not know of each other, so one is simulated after the other, each with a clock of its own that jumps from one
 * thing that is due to the next.
 */
final class StandbyCrowd {
    static final int CLIENTS = 100_000;
    static final int SERVERS = 3;
    static final long BUCKET_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** When it happens: all clients have had their standby for a while. */
    private static final long FAULT_NS = TimeUnit.SECONDS.toNanos(10);

    private static final long CONNECT_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration NEVER = Duration.ofDays(1);

    private static final List<ServerAddress> ADDRESSES = IntStream.range(0, SERVERS)
            .mapToObj(server -> new ServerAddress("n" + server, 4222))
            .toList();

    /** What happens. */
    enum Fault {
        /** The first server enters lame duck mode: it says so, and listens no more. */
        LAME_DUCK,
        /** The first server is killed. */
        KILL,
        /** All servers are killed. */
        OUTAGE
    }

    private final Fault fault;
    private final Duration refillJitter;
    private final Backoff backoff;
    private final LongFunction<Random> dice;
    private final long backNs;
    private final long endNs;

    private final int[][] connects;
    private final IOException refused = new IOException("refused");
    private int withoutConnection;
    private int withStandby;
    /** Connections to each server that no client has any more, and that are as good for the next client. */
    private final List<Queue<FakePeer>> unused = new ArrayList<>();

    /**
     * @param dice makes a client's source of random numbers from its seed
     * @param outage how long a server that was killed does not listen
     * @param watched how long the clients are watched after the fault
     */
    StandbyCrowd(
            Fault fault,
            Duration refillJitter,
            Backoff backoff,
            LongFunction<Random> dice,
            Duration outage,
            Duration watched) {
        this.fault = fault;
        this.refillJitter = refillJitter;
        this.backoff = backoff;
        this.dice = dice;
        this.backNs = FAULT_NS + outage.toNanos();
        this.endNs = FAULT_NS + watched.toNanos();
        this.connects = new int[SERVERS][(int) (watched.toNanos() / BUCKET_NS) + 1];
        for (int server = 0; server < SERVERS; server++) {
            unused.add(new ArrayDeque<>());
        }
        new Random(1).longs(CLIENTS).forEach(seed -> new Client(seed).live());
    }

    /** Attempts that have reached the server since the fault, or would have if it had listened. */
    int connects(int server) {
        return IntStream.of(connects[server]).sum();
    }

    /** The most of them within one bucket that begins in this time after the fault. */
    int peak(int server, Duration from, Duration to) {
        return IntStream.range((int) (from.toNanos() / BUCKET_NS), (int) (to.toNanos() / BUCKET_NS))
                .map(bucket -> connects[server][bucket])
                .max()
                .orElseThrow();
    }

    /** Clients whose traffic had to wait for a connection after the fault. */
    int withoutConnection() {
        return withoutConnection;
    }

    /** Clients that have a standby at the end. */
    int withStandby() {
        return withStandby;
    }

    private final class Client implements StandbyPool.User, Dialer, Dialer.Attempt {
        private Dialer.Caller caller;
        private int dialled;
        private final List<FakePeer> peers = new ArrayList<>();
        private final ServerPool servers;
        private final StandbyPool pool;
        private ServerConnection carrier;
        private long nowNs;

        Client(long seed) {
            Random random = dice.apply(seed);
            servers = new ServerPool(ADDRESSES, List.of(), true, false, -1, random);
            HotSwapOptions options = new HotSwapOptions(
                    true,
                    1,
                    List.of(),
                    true,
                    HotSwapOptions.DEFAULT_TIMEOUT,
                    refillJitter,
                    NEVER,
                    HotSwapOptions.DEFAULT_BREAKER_FAILURES,
                    HotSwapOptions.DEFAULT_BREAKER_PAUSE,
                    false);
            pool = new StandbyPool(servers, this, backoff, random, options, NEVER.toNanos(), this, 0);
        }

        void live() {
            pool.need(nowNs);
            runUntil(FAULT_NS);
            switch (fault) {
                case LAME_DUCK -> lameDuck(ADDRESSES.get(0));
                case KILL -> kill(ADDRESSES.get(0));
                case OUTAGE -> ADDRESSES.forEach(this::kill);
            }
            if (carrier == null) {
                withoutConnection++;
            }
            runUntil(endNs);
            if (pool.ready() != null) {
                withStandby++;
            }
            for (FakePeer peer : peers) {
                if (!peer.isClosed()) {
                    unused.get(serverOf(peer.connection())).add(peer);
                }
            }
        }

        private void runUntil(long untilNs) {
            for (long waitNs = step(); waitNs < untilNs - nowNs; waitNs = step()) {
                nowNs += waitNs;
            }
            nowNs = untilNs;
        }

        /** Does what is due; returns the nanoseconds until something else is. */
        private long step() {
            long waitNs = pool.onTick(nowNs);
            if (caller != null) {
                answer();
                return 0;
            }
            return waitNs;
        }

        private void answer() {
            if (nowNs >= FAULT_NS) {
                connects[dialled][(int) ((nowNs - FAULT_NS) / BUCKET_NS)]++;
            }
            nowNs += CONNECT_NS;
            Dialer.Caller told = caller;
            caller = null;
            if (isListening(dialled)) {
                FakePeer peer = unused.get(dialled).poll();
                if (peer == null) {
                    peer = FakePeer.ready("id" + dialled, ADDRESSES.get(dialled), new RecordingOwner());
                }
                peers.add(peer);
                told.onReady(peer.connection());
            } else {
                told.onFailed(refused, false);
            }
        }

        @Override
        public Dialer.Attempt dial(ServerAddress address, long deadlineNs, Dialer.Caller whoAsks) {
            dialled = ADDRESSES.indexOf(address);
            caller = whoAsks;
            return this;
        }

        @Override
        public long onTick(long now) {
            return CONNECT_NS;
        }

        @Override
        public void cancel() {
            caller = null;
        }

        private boolean isListening(int server) {
            boolean hit = fault == Fault.OUTAGE || server == 0;
            return nowNs < FAULT_NS || nowNs >= backNs || !hit;
        }

        /** As the conductor acts on it. */
        private void lameDuck(ServerAddress address) {
            ServerConnection lame = isAt(carrier, address) ? carrier : pool.ready();
            if (isAt(lame, address)) {
                servers.onLameDuck(address, lame.serverId(), nowNs);
                pool.onLameDuck(lame, nowNs);
                if (lame == carrier) {
                    move();
                }
            }
        }

        private void kill(ServerAddress address) {
            if (isAt(carrier, address)) {
                onClosed(carrier, null);
            }
            if (isAt(pool.ready(), address)) {
                onClosed(pool.ready(), null);
            }
        }

        private static boolean isAt(ServerConnection connection, ServerAddress address) {
            return connection != null && connection.address().equals(address);
        }

        private void move() {
            ServerConnection next = pool.take(nowNs);
            if (next == null) {
                pool.need(nowNs);
            } else {
                carrier = next;
            }
        }

        @Override
        public void onStandby(ServerConnection standby) {
            if (carrier == null) {
                move();
            }
        }

        @Override
        public void onClosed(ServerConnection connection, Throwable cause) {
            if (connection == carrier) {
                carrier = null;
                if (pool.ready() == null) {
                    pool.needAtOnce(nowNs);
                } else {
                    move();
                }
            } else {
                pool.onGone(connection, nowNs);
            }
        }

        @Override
        public ServerConnection carrier() {
            return carrier;
        }

        @Override
        public void onRoundFailed(Map<ServerAddress, Throwable> failures) {}

        @Override
        public void onInfo(ServerConnection connection) {}

        @Override
        public void onLameDuck(ServerConnection connection) {}

        @Override
        public void onMessage(ServerConnection connection, MessageView message) {}

        @Override
        public void onServerError(ServerConnection connection, String text) {}
    }

    private static int serverOf(ServerConnection connection) {
        return ADDRESSES.indexOf(connection.address());
    }
}
