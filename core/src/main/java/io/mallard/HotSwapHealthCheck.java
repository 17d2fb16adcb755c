package io.mallard;

import java.time.Duration;

/**
 * Says how a client is, for probes and status pages: whether it can do its work, whether it is worth a restart, and what its hot swaps
 * have been like. The C++ client had a {@code HotSwapHealthCheck} of that name (CONTRACT S28).
 *
 * <p>Threading: any thread. Nothing here waits, except {@link #liveness(Duration)}.
 */
public final class HotSwapHealthCheck {
    /** Whether the client can do its work now. */
    public enum Readiness {
        /**
         * Traffic flows, and what is to take over stands by, if anything is. With {@code hotSwapPreferDifferentServer(false)} that may be a
         * connection to the same server, which is of no use when that server leaves.
         */
        READY,
        /**
         * Traffic flows, but nothing stands by though it should: a server that leaves now costs the time it takes to connect to
         * another one.
         */
        NO_STANDBY,
        /** There is no connection: publishes and requests wait for one in their buffers. */
        BUFFERING,
        /** The client is being drained: it ends what it has taken on, and refuses subscriptions already, the rest soon. */
        DRAINING,
        /** The client is closed, and will not come back. */
        CLOSED;

        /**
         * Whether traffic flows.
         *
         * @return what a readiness probe wants to know
         */
        public boolean isReady() {
            return this == READY || this == NO_STANDBY;
        }
    }

    /** Whether waiting can help. */
    public enum Liveness {
        /** The client works, or will when a server is there. */
        ALIVE,
        /** The event loop does nothing: it is stuck, or the process gets no processor time. */
        STUCK,
        /** The client is closed: a new one is needed. */
        CLOSED;

        /**
         * Whether the client may be left alone.
         *
         * @return what a liveness probe wants to know
         */
        public boolean isAlive() {
            return this == ALIVE;
        }
    }

    /**
     * What hot swaps have been like since the client was made.
     *
     * @param hotSwapCreations standbys that have taken over from a leaving server
     * @param hotSwapFailures leaving servers for which every other one was tried in vain, or that were gone before
     * @param avgCreationTime from the news that a server leaves to the moment when a standby had taken over, on average; zero before the first
     *     time
     * @param maxBufferDepth the most requests that waited for a connection at a time
     * @param successRate from 0 to 1, see {@link ClientMetrics#hotSwapSuccessRate()}
     */
    public record Metrics(
            long hotSwapCreations,
            long hotSwapFailures,
            Duration avgCreationTime,
            long maxBufferDepth,
            double successRate) {}

    private final NatsClient client;

    /**
     * A check of a client, which costs nothing as long as it is not asked.
     *
     * @param client the one to look at
     */
    public HotSwapHealthCheck(NatsClient client) {
        this.client = client;
    }

    /**
     * What hot swaps have been like.
     *
     * @return the numbers of this moment
     */
    public Metrics metrics() {
        ClientMetrics metrics = client.metrics();
        return new Metrics(
                metrics.hotSwapAttempts() - metrics.hotSwapFailures(),
                metrics.hotSwapFailures(),
                Duration.ofNanos(metrics.hotSwapCreation().meanNs()),
                metrics.requestBuffer().maxDepth(),
                metrics.hotSwapSuccessRate());
    }

    /**
     * Whether the client can do its work.
     *
     * @return as of this moment
     */
    public Readiness readiness() {
        if (client.isClosed()) {
            return Readiness.CLOSED;
        }
        if (client.isDraining()) {
            return Readiness.DRAINING;
        }
        if (client.connectedUrl().isEmpty()) {
            return client.isClosed() ? Readiness.CLOSED : Readiness.BUFFERING; // It may have ended meanwhile.
        }
        return client.isHotSwapAvailable() || !client.keepsStandby() ? Readiness.READY : Readiness.NO_STANDBY;
    }

    /**
     * Whether the client can do anything at all. It stays alive without any server: a restart would not bring that back.
     *
     * @param timeout longest time to wait for the event loop; a second is long
     * @return as soon as that is known
     * @throws NatsException ERR when the thread is interrupted meanwhile
     */
    public Liveness liveness(Duration timeout) {
        if (client.isClosed()) {
            return Liveness.CLOSED;
        }
        try {
            return client.isLoopAlive(timeout) ? Liveness.ALIVE : Liveness.STUCK;
        } catch (NatsException e) {
            if (e.status() == NatsStatus.CONNECTION_CLOSED) {
                return Liveness.CLOSED;
            }
            throw e;
        }
    }
}
