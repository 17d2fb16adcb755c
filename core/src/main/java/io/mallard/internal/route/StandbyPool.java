package io.mallard.internal.route;

import io.mallard.internal.connection.ConnectionOwner;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.server.Backoff;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one source of validated connections: each is made as a standby and taken when traffic needs it, which is at once
 * when there is none, and some day when there is one already.
 *
 * <p>It tries the servers in rounds, each server once per round; a round that failed is followed by a wait.
 *
 * <p>Threading: owned by the event loop.
 */
public final class StandbyPool {
    /** Who uses the connections. Called on the event loop. */
    public interface User extends ConnectionOwner {
        /** A connection stands by, its events go to the user, who takes it now, or later, or not at all. */
        void onStandby();

        /** Every candidate was tried without success: what went wrong at each of them. */
        void onRoundFailed(Map<ServerAddress, Throwable> failures);

        /** The connection that carries the traffic, which a standby must not share its server with; null when there is none. */
        @Nullable
        ServerConnection carrier();
    }

    /** Whatever ended a connection sooner than that may well end the next one too: it counts as a failed round. */
    static final long LASTING_NS = TimeUnit.SECONDS.toNanos(1);

    private final ServerPool servers;
    private final Dialer dialer;
    private final Backoff backoff;
    private final Random random;
    private final long connectTimeoutNs;
    private final long hotSwapTimeoutNs;
    private final long refillJitterNs;
    private final int size;
    private final User user;

    private @Nullable ServerConnection ready;
    private Dialer.@Nullable Attempt attempt;
    private final Queue<ServerAddress> untried = new ArrayDeque<>();
    private final Map<ServerAddress, Throwable> failures = new LinkedHashMap<>();
    /** Traffic waits for a connection: no jitter, and connect even if no standby is kept otherwise. */
    private boolean needed;

    private boolean roundUnderWay;
    private int failedRounds;
    private long nextRoundNs;
    private long attemptNs;
    /** When the attempt began that made the latest connection. */
    private long madeNs;

    /**
     * @param connectTimeoutNs longest time for one attempt while traffic waits for it
     * @param hotSwapTimeoutNs the same while another connection is in use
     * @param size standbys to keep when none is needed: 0 or 1
     * @param refillJitterNs upper bound of the random wait before one that was used is replaced
     */
    public StandbyPool(
            ServerPool servers,
            Dialer dialer,
            Backoff backoff,
            Random random,
            long connectTimeoutNs,
            long hotSwapTimeoutNs,
            long refillJitterNs,
            int size,
            User user,
            long nowNs) {
        this.servers = servers;
        this.dialer = dialer;
        this.backoff = backoff;
        this.random = random;
        this.connectTimeoutNs = connectTimeoutNs;
        this.hotSwapTimeoutNs = hotSwapTimeoutNs;
        this.refillJitterNs = refillJitterNs;
        this.size = size;
        this.user = user;
        this.nextRoundNs = nowNs;
        this.madeNs = nowNs - LASTING_NS;
    }

    /** Traffic needs a connection: make one now, or after the backoff if the latest one was lost too soon. */
    public void need(long nowNs) {
        if (!needed) {
            needed = true;
            long waitNs = user.carrier() == null ? waitAfterLatestNs(nowNs) : beginAnewNs();
            if (!roundUnderWay) {
                nextRoundNs = nowNs + waitNs;
            }
        }
    }

    private long beginAnewNs() {
        failedRounds = 0;
        return 0;
    }

    /** Nothing carries the traffic any more: whatever was being waited for until now, the next round begins at once. */
    public void needAtOnce(long nowNs) {
        if (needed && !roundUnderWay && nowNs - madeNs >= LASTING_NS) {
            failedRounds = 0;
            nextRoundNs = nowNs;
        }
        need(nowNs);
    }

    private long waitAfterLatestNs(long nowNs) {
        if (nowNs - madeNs < LASTING_NS) {
            return backoff.delayNs(failedRounds++, random.nextDouble());
        }
        return beginAnewNs();
    }

    /** The standby, which the caller owns from now on; null when there is none. */
    public @Nullable ServerConnection take(long nowNs) {
        ServerConnection taken = ready;
        if (taken != null) {
            ready = null;
            needed = false;
            nextRoundNs = nowNs + (long) (refillJitterNs * random.nextDouble());
        }
        return taken;
    }

    public @Nullable ServerConnection ready() {
        return ready;
    }

    /** The standby is of no use any more: its server left, or turned out to be the one in use. */
    public void drop(long nowNs) {
        if (ready != null) {
            ready.close();
            onGone(nowNs);
        }
    }

    /** The standby was lost. */
    public void onGone(long nowNs) {
        ready = null;
        if (!needed) {
            nextRoundNs = nowNs + (long) (refillJitterNs * random.nextDouble()) + waitAfterLatestNs(nowNs);
        }
    }

    /** Begins and ends attempts as they are due; returns the nanoseconds until it wants to be called again. */
    public long onTick(long nowNs) {
        if (ready != null) {
            long waitNs = ready.onTick(nowNs);
            if (ready != null) {
                return waitNs;
            } // Otherwise it was stale, and is gone.
        }
        if (attempt == null && (needed || size > 0) && nextRoundNs - nowNs <= 0) {
            tryNext(nowNs);
        }
        if (attempt != null) {
            long waitNs = attempt.onTick(nowNs);
            return attempt == null ? 0 : waitNs; // Ended by its deadline: the next one is due.
        }
        return needed || size > 0 ? nextRoundNs - nowNs : Long.MAX_VALUE;
    }

    private void tryNext(long nowNs) {
        if (!roundUnderWay) {
            roundUnderWay = true;
            failures.clear();
            untried.clear();
            ServerConnection carrier = user.carrier();
            untried.addAll(
                    carrier == null
                            ? servers.candidates(nowNs)
                            : servers.candidatesBeside(carrier.address(), carrier.serverId(), nowNs));
        }
        ServerAddress address = untried.poll();
        if (address == null) {
            roundUnderWay = false;
            nextRoundNs = nowNs + backoff.delayNs(failedRounds++, random.nextDouble());
            user.onRoundFailed(Map.copyOf(failures));
        } else {
            attemptNs = nowNs;
            long timeoutNs = user.carrier() == null ? connectTimeoutNs : hotSwapTimeoutNs;
            attempt = dialer.dial(address, nowNs + timeoutNs, new Attempt(address));
        }
    }

    private final class Attempt implements Dialer.Caller {
        private final ServerAddress address;

        Attempt(ServerAddress address) {
            this.address = address;
        }

        @Override
        public void onReady(ServerConnection connection) {
            attempt = null;
            if (connection.isLameDuck()) {
                servers.onLameDuck(address, connection.serverId(), attemptNs);
                connection.close();
                failures.put(address, new IllegalStateException("the server is in lame duck mode"));
                return;
            }
            servers.onConnected(address, connection.info());
            ServerConnection carrier = user.carrier();
            if (carrier != null && carrier.isToServerOf(connection)) {
                connection.close();
                failures.put(address, new IllegalStateException("it is the server already in use"));
            } else {
                roundUnderWay = false;
                madeNs = attemptNs;
                ready = connection;
                ready.owner(user);
                user.onStandby();
            }
        }

        @Override
        public void onFailed(Throwable cause) {
            attempt = null;
            failures.put(address, cause);
        }
    }

    /** Gives up everything. */
    public void close() {
        if (attempt != null) {
            attempt.cancel();
            attempt = null;
        }
        if (ready != null) {
            ready.close();
            ready = null;
        }
    }
}
