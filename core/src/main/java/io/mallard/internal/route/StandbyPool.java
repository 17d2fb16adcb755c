package io.mallard.internal.route;

import io.mallard.HotSwapOptions;
import io.mallard.internal.connection.ConnectionOwner;
import io.mallard.internal.connection.CredentialsRefusedException;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.Ping;
import io.mallard.internal.server.Backoff;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one source of validated connections: each is made as a standby and taken when traffic needs it, which is at once
 * when there is none, and some day when there is one already. Until then it is asked now and then whether it still
 * answers.
 *
 * <p>It tries the servers in rounds, each server once per round, until enough stand by. A round after which some are
 * missing is followed by a wait, and several of them while there is a connection to use by a long one.
 *
 * <p>Threading: owned by the event loop.
 */
public final class StandbyPool {
    /** Who uses the connections. Called on the event loop. */
    public interface User extends ConnectionOwner {
        /** A connection stands by, its events go to the user, who takes it now, or later, or not at all. */
        void onStandby(ServerConnection standby);

        /** Somebody was dialled then, and has answered, or has failed for that reason. */
        default void onAttemptEnded(ServerAddress address, long sinceNs, @Nullable Throwable failure) {}

        /** Every candidate was tried, and standbys are missing: what went wrong at each of them. */
        void onRoundFailed(Map<ServerAddress, Throwable> failures);

        /** The connection that carries the traffic; null when there is none. */
        @Nullable
        ServerConnection carrier();
    }

    /** How good a standby is, the best first. */
    private enum Rank {
        ADOPTED,
        PREFERRED,
        OTHER,
        /** On the server that was in use when it was made: it outlives that connection, and not that server. */
        SAME_SERVER
    }

    private static final class Standby {
        final ServerConnection connection;
        Rank rank;
        final long madeNs;
        long nextCheckNs;

        Standby(ServerConnection connection, Rank rank, long madeNs, long nextCheckNs) {
            this.connection = connection;
            this.rank = rank;
            this.madeNs = madeNs;
            this.nextCheckNs = nextCheckNs;
        }
    }

    /** CONTRACT S9: of a connection that was made, and no standby. */
    private static final String INVALID = "Hot-swap connection validation failed";

    /** Whatever ended a connection sooner than that may well end the next one too: it counts as a failed round. */
    static final long LASTING_NS = TimeUnit.SECONDS.toNanos(1);

    private final ServerPool servers;
    private final Dialer dialer;
    private final Backoff backoff;
    private final CircuitBreaker breaker;
    private final Random random;
    private final HotSwapOptions options;
    /** How many to keep when none is needed. */
    private final int size;

    private final long connectTimeoutNs;
    private final User user;

    /** The best one first, those of a rank in the order they came. */
    private final List<Standby> standbys = new ArrayList<>();

    private Dialer.@Nullable Attempt attempt;
    private final Queue<ServerAddress> untried = new ArrayDeque<>();
    private final Map<ServerAddress, Throwable> failures = new LinkedHashMap<>();
    /** Traffic waits for a connection: no jitter, and connect even if no standby is kept otherwise. */
    private boolean needed;
    /** It is needed because of the credentials of the carrier: one to the same server is as good as another. */
    private boolean renewing;

    private boolean roundUnderWay;
    private int failedRounds;
    private long nextRoundNs;
    private long attemptNs;
    /** When the attempt began that made the latest connection. */
    private long madeNs;

    /**
     * @param connectTimeoutNs longest time for one attempt while no connection is in use, and for a standby to answer
     */
    public StandbyPool(
            ServerPool servers,
            Dialer dialer,
            Backoff backoff,
            Random random,
            HotSwapOptions options,
            long connectTimeoutNs,
            User user,
            long nowNs) {
        this.servers = servers;
        this.dialer = dialer;
        this.backoff = backoff;
        this.breaker = new CircuitBreaker(
                options.breakerFailures(), options.breakerPause().toNanos());
        this.random = random;
        this.options = options;
        this.size = options.enabled() ? options.standbys() : 0;
        this.connectTimeoutNs = connectTimeoutNs;
        this.user = user;
        this.nextRoundNs = nowNs;
        this.madeNs = nowNs - LASTING_NS;
    }

    /**
     * Traffic needs a connection: make one now, whatever the circuit breaker says, or after the backoff if there is none
     * in use and the latest one was lost too soon.
     */
    public void need(long nowNs) {
        if (!needed) {
            needed = true;
            servers.forgive(); // What a server has said to a spare connection, it may say again.
            long waitNs = user.carrier() == null ? waitAfterNs(madeNs, nowNs) : beginAnewNs();
            if (attempt == null) {
                roundUnderWay = false;
                nextRoundNs = nowNs + waitNs;
            }
        }
    }

    /** Nothing carries the traffic any more: whatever was being waited for until now, it is needed from now on. */
    public void needAtOnce(long nowNs) {
        needed = false;
        need(nowNs);
    }

    /** Traffic stays where it is; if that is to have other credentials, it still is. */
    public void trafficStays() {
        needed = false;
    }

    private void needNoMore() {
        needed = false;
        renewing = false;
    }

    /**
     * The credentials of the connection in use expire: one made with others is needed, and what stands by with such that
     * last no longer makes room for it.
     */
    public void renew(ServerConnection expiring, long nowNs) {
        for (Standby standby : List.copyOf(standbys)) {
            if (!standby.connection.outlasts(expiring)) {
                standby.connection.close();
                standbys.remove(standby);
            }
        }
        renewing = true;
        if (standbys.isEmpty()) {
            needAtOnce(nowNs);
        }
    }

    /** A connection made for {@link #renew} is no better: it stands by if it would do so anyway. */
    public void onRenewedInVain(ServerConnection connection) {
        ServerConnection carrier = user.carrier();
        needNoMore();
        boolean surplus = standbys.size() > size
                || (carrier != null && carrier.isToServerOf(connection) && !mayShareServerOf(carrier));
        if (surplus && standbys.removeIf(standby -> standby.connection == connection)) {
            connection.close();
        }
    }

    private long beginAnewNs() {
        failedRounds = 0;
        return 0;
    }

    private long waitAfterNs(long lostMadeNs, long nowNs) {
        if (nowNs - lostMadeNs < LASTING_NS) {
            return backoff.delayNs(failedRounds++, random.nextDouble());
        }
        return beginAnewNs();
    }

    /** The best standby, which the caller owns from now on; null when there is none. */
    public @Nullable ServerConnection take(long nowNs) {
        if (standbys.isEmpty()) {
            return null;
        }
        needNoMore();
        if (attempt == null) {
            roundUnderWay = false;
        }
        refillAfter(0, nowNs);
        return standbys.remove(0).connection;
    }

    /** The best standby; null when there is none. */
    public @Nullable ServerConnection ready() {
        return standbys.isEmpty() ? null : standbys.get(0).connection;
    }

    /** Whether standbys are made at all, after a number of rounds that failed. */
    CircuitBreaker.State breakerState(long nowNs) {
        return breaker.state(nowNs);
    }

    /** The server of this connection, whoever uses it, is about to leave: what stands by there is of no use any more. */
    public void onLameDuck(ServerConnection lame, long nowNs) {
        for (Standby standby : List.copyOf(standbys)) {
            ServerConnection connection = standby.connection;
            if (connection == lame || connection.isToServerOf(lame)) {
                connection.close();
                onGone(connection, nowNs);
            }
        }
    }

    /** A standby was lost. */
    public void onGone(ServerConnection connection, long nowNs) {
        for (Standby standby : standbys) {
            if (standby.connection == connection) {
                standbys.remove(standby);
                refillAfter(waitAfterNs(standby.madeNs, nowNs), nowNs);
                return;
            }
        }
    }

    /** All clients of a server lose it at once. */
    private void refillAfter(long waitNs, long nowNs) {
        long refillNs = nowNs + waitNs + jitterNs();
        if (!needed && refillNs - nextRoundNs > 0) {
            nextRoundNs = refillNs;
        }
    }

    private long jitterNs() {
        return (long) (options.refillJitter().toNanos() * random.nextDouble());
    }

    /**
     * There is a server that was not there when the latest round failed, so that it is worth a try, whatever the circuit
     * breaker says of the others. All clients hear of it at once.
     */
    public void onServerAppeared(long nowNs) {
        if (nextRoundNs - nowNs > options.refillJitter().toNanos()) {
            nextRoundNs = nowNs + jitterNs();
        }
    }

    /** Another connection carries the traffic: which standby is to the same server has changed. */
    public void onCarrierChanged() {
        rankAnew();
    }

    private void rankAnew() {
        standbys.forEach(standby -> standby.rank = rank(standby.connection));
        standbys.sort(Comparator.comparing(standby -> standby.rank));
    }

    /** A server is preferred to all others now, or none any more: if nothing stands by there, the worst makes room for it. */
    public void onAdopted(long nowNs) {
        rankAnew();
        ServerConnection carrier = user.carrier();
        boolean inUse = carrier != null && servers.isAdopted(carrier.address(), carrier.serverId());
        boolean standsBy = !standbys.isEmpty() && standbys.get(0).rank == Rank.ADOPTED;
        if (!servers.hasAdopted() || inUse || standsBy) {
            return;
        }
        if (attempt != null) {
            attempt.cancel();
            attempt = null;
        }
        if (!isWanted() && !standbys.isEmpty()) {
            standbys.remove(standbys.size() - 1).connection.close();
        }
        roundUnderWay = false;
        nextRoundNs = nowNs;
    }

    /** Other servers are configured: what stands by at one that is none of them is given up, and a round begins. */
    public void onConfigured(long nowNs) {
        for (Standby standby : List.copyOf(standbys)) {
            if (!servers.isKnown(standby.connection.address(), standby.connection.serverId())) {
                standby.connection.close();
                standbys.remove(standby);
            }
        }
        rankAnew();
        if (attempt != null) {
            attempt.cancel();
            attempt = null;
        }
        roundUnderWay = false;
        nextRoundNs = nowNs;
    }

    /** When the next round begins, if it is needed. */
    public long nextRoundNs() {
        return nextRoundNs;
    }

    /** The round that traffic waits for begins at that moment, unless it has begun. */
    public void nextRoundAt(long atNs) {
        if (user.carrier() == null && !roundUnderWay && attempt == null) {
            nextRoundNs = atNs;
        }
    }

    /** Begins and ends attempts as they are due; returns the nanoseconds until it wants to be called again. */
    public long onTick(long nowNs) {
        long waitNs = watch(nowNs);
        if (attempt == null && isWanted() && (roundUnderWay || nextRoundNs - nowNs <= 0)) {
            tryNext(nowNs);
        }
        if (attempt != null) {
            long attemptWaitNs = attempt.onTick(nowNs);
            return attempt == null ? 0 : Math.min(waitNs, attemptWaitNs); // Ended by its deadline: the next one is due.
        }
        return isWanted() ? Math.min(waitNs, nextRoundNs - nowNs) : waitNs;
    }

    private boolean isWanted() {
        return standbys.size() < size || (needed && standbys.isEmpty());
    }

    /** Asks the standbys whether they still answer; one that does not is lost. */
    private long watch(long nowNs) {
        long waitNs = Long.MAX_VALUE;
        for (int i = standbys.size() - 1; i >= 0; i--) { // Backwards, because one that is lost is taken out meanwhile.
            Standby standby = standbys.get(i);
            if (isToBeRenewed(standby.connection, nowNs)) {
                standby.connection.close();
                onGone(standby.connection, nowNs);
                continue;
            }
            if (standby.nextCheckNs - nowNs <= 0) {
                standby.connection.ping(new HealthCheck(), nowNs + connectTimeoutNs);
                standby.nextCheckNs = nowNs + options.checkInterval().toNanos();
            }
            waitNs = Math.min(waitNs, Math.min(standby.connection.onTick(nowNs), standby.nextCheckNs - nowNs));
        }
        return waitNs;
    }

    /** Its credentials expire, and not only when those of the connection in use do, to whose renewal it is left then. */
    private boolean isToBeRenewed(ServerConnection standby, long nowNs) {
        ServerConnection carrier = user.carrier();
        return standby.isRenewalDue(nowNs) && (carrier == null || carrier.outlasts(standby));
    }

    /** The connection ends itself when there is no answer. */
    private static final class HealthCheck extends Ping {
        @Override
        public void onPong() {}

        @Override
        public void onLost() {}
    }

    private void tryNext(long nowNs) {
        List<ServerAddress> candidates = candidates(nowNs);
        if (roundUnderWay) {
            untried.retainAll(candidates);
        } else {
            roundUnderWay = true;
            failures.clear();
            untried.clear();
            untried.addAll(candidates);
        }
        ServerAddress address = untried.poll();
        if (address == null) {
            endRound(nowNs);
        } else {
            attemptNs = nowNs;
            long timeoutNs = user.carrier() == null
                    ? connectTimeoutNs
                    : options.timeout().toNanos();
            attempt = dialer.dial(address, nowNs + timeoutNs, new Attempt(address));
        }
    }

    private List<ServerAddress> candidates(long nowNs) {
        ServerConnection carrier = user.carrier();
        if (carrier == null) {
            return servers.candidates(nowNs);
        }
        Set<ServerAddress> addresses = new HashSet<>();
        Set<String> serverIds = new HashSet<>();
        for (Standby standby : standbys) {
            addresses.add(standby.connection.address());
            serverIds.add(standby.connection.serverId());
        }
        boolean isSameServerFree = !addresses.contains(carrier.address()) && !serverIds.contains(carrier.serverId());
        addresses.add(carrier.address());
        serverIds.add(carrier.serverId());
        List<ServerAddress> candidates = new ArrayList<>(servers.candidatesBeside(addresses, serverIds, nowNs));
        if (isSameServerFree && mayShareServerOf(carrier)) {
            candidates.add(carrier.address());
        }
        return candidates;
    }

    private boolean mayShareServerOf(ServerConnection carrier) {
        return (renewing || !options.preferDifferentServer()) && !carrier.isLameDuck();
    }

    /**
     * The circuit breaker is for spare connections; and for rounds that failed, not for those without any candidate, which
     * have cost nothing.
     */
    private void endRound(long nowNs) {
        roundUnderWay = false;
        for (ServerAddress refusing : servers.refusedTwice()) {
            failures.computeIfAbsent(
                    refusing, address -> new IllegalStateException("it has refused the credentials twice"));
        }
        boolean spare = user.carrier() != null && !needed;
        if (spare && !failures.isEmpty()) {
            breaker.onFailure(nowNs);
        }
        long pauseNs = spare ? breaker.pauseNs(nowNs) : 0;
        if (pauseNs > 0) {
            servers.forgive(); // By then there may be other credentials.
        }
        nextRoundNs = nowNs + pauseNs + backoff.delayNs(failedRounds++, random.nextDouble());
        user.onRoundFailed(Map.copyOf(failures));
    }

    private final class Attempt implements Dialer.Caller {
        private final ServerAddress address;

        Attempt(ServerAddress address) {
            this.address = address;
        }

        @Override
        public void onReady(ServerConnection connection) {
            attempt = null;
            user.onAttemptEnded(address, attemptNs, null);
            if (connection.isLameDuck()) {
                servers.onLameDuck(address, connection.serverId(), attemptNs);
                connection.close();
                failures.put(address, new IllegalStateException("the server is in lame duck mode"));
                return;
            }
            servers.onConnected(address, connection.info());
            if (isInUse(connection)) {
                connection.close();
                failures.put(address, new IllegalStateException("it is the server already in use"));
            } else if (!isWanted()) {
                connection.close();
            } else {
                madeNs = attemptNs;
                breaker.onSuccess();
                add(connection);
                connection.owner(user);
                user.onStandby(connection);
                roundUnderWay &= isWanted();
            }
        }

        @Override
        public void onFailed(Throwable cause, boolean connected) {
            attempt = null;
            user.onAttemptEnded(address, attemptNs, cause);
            if (cause instanceof CredentialsRefusedException) {
                servers.onRefused(address, reason(cause));
            }
            boolean invalid = connected && user.carrier() != null;
            failures.put(address, invalid ? new IllegalStateException(INVALID + ": " + reason(cause), cause) : cause);
        }

        private static String reason(Throwable failure) {
            String message = failure.getMessage();
            return message == null ? failure.toString() : message;
        }
    }

    private boolean isInUse(ServerConnection connection) {
        ServerConnection carrier = user.carrier();
        if (carrier != null && carrier.isToServerOf(connection)) {
            // By its own address it is tried last; by another one there may be better candidates left.
            return !mayShareServerOf(carrier) || !carrier.address().equals(connection.address());
        }
        return standbys.stream().anyMatch(standby -> standby.connection.isToServerOf(connection));
    }

    private void add(ServerConnection connection) {
        Rank rank = rank(connection);
        int place = 0;
        while (place < standbys.size() && standbys.get(place).rank.compareTo(rank) <= 0) {
            place++;
        }
        long checkNs = attemptNs + options.checkInterval().toNanos();
        standbys.add(place, new Standby(connection, rank, attemptNs, checkNs));
    }

    private Rank rank(ServerConnection connection) {
        ServerConnection carrier = user.carrier();
        if (carrier != null
                && (carrier.isToServerOf(connection) || carrier.address().equals(connection.address()))) {
            return Rank.SAME_SERVER;
        }
        if (servers.isAdopted(connection.address(), connection.serverId())) {
            return Rank.ADOPTED;
        }
        return servers.isPreferred(connection.address(), connection.serverId()) ? Rank.PREFERRED : Rank.OTHER;
    }

    /** Gives up everything. */
    public void close() {
        if (attempt != null) {
            attempt.cancel();
            attempt = null;
        }
        standbys.forEach(standby -> standby.connection.close());
        standbys.clear();
    }
}
