package io.mallard.internal;

import io.mallard.ClientListener;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.handover.Handover;
import io.mallard.internal.handover.PublishHold;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.Ping;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.RequestTable;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.route.StandbyPool;
import io.mallard.internal.server.Backoff;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.MessageView;
import io.mallard.protocol.wire.ServerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides which connection carries the traffic of one client, and moves it when that has to change: the first
 * connection, a leaving server, a lost one, the end.
 *
 * <p>Every move is the same three steps within one turn of the loop: seal the buffer that is being left, put what must
 * go first into the next one, store the route.
 *
 * <p>Threading: owned by the event loop, except {@link #isInLameDuckMode}, {@link #isStandbyReady},
 * {@link #settled} and {@link #carrierUrl}, which anybody may read.
 */
public final class Conductor implements EventLoop.Agent, StandbyPool.User, Handover.Traffic {
    private enum Phase {
        /** Until the first connection carries traffic. */
        STARTING,
        RUNNING,
        /** No new traffic; waiting for the server to have processed what there was. */
        CLOSING,
        CLOSED
    }

    private static final CompletableFuture<Void> NOTHING_TO_SETTLE = CompletableFuture.completedFuture(null);

    private final EventLoop loop;
    private final NatsOptions options;
    private final Router router;
    private final ServerPool servers;
    private final StandbyPool standbys;
    private final SubscriptionRegistry subscriptions;
    private final RequestTable requests;
    private final ListenerNotifier listener;
    private final EventLog log;
    private final Counters counters;
    private final Random random;

    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private Phase phase = Phase.STARTING;
    private @Nullable ServerConnection carrier;
    private final List<Handover> handovers = new ArrayList<>();
    private final List<PublishHold> holds = new ArrayList<>();
    private long maxPayload = ServerInfo.DEFAULT_MAX_PAYLOAD;
    private long closeDeadlineNs;
    /** While CLOSING: answers that are still to come before everything is known to be processed. */
    private int unprocessed;

    private long inDoubtAtClose;

    // Written by the event loop, read by anybody.
    private volatile boolean lameDuckMode;
    private volatile boolean standbyReady;
    private volatile @Nullable String carrierUrl;
    /** Completes when publishes accepted by connections that are being left are processed, or known to be in doubt. */
    private volatile CompletableFuture<Void> settled = NOTHING_TO_SETTLE;

    public Conductor(
            EventLoop loop,
            NatsOptions options,
            Router router,
            SubscriptionRegistry subscriptions,
            RequestTable requests,
            Dialer dialer,
            ListenerNotifier listener,
            EventLog log,
            Counters counters,
            long nowNs) {
        this.loop = loop;
        this.options = options;
        this.router = router;
        this.subscriptions = subscriptions;
        this.requests = requests;
        this.listener = listener;
        this.log = log;
        this.counters = counters;
        this.random = new Random(options.seed());
        this.servers = new ServerPool(
                options.servers().stream().map(ServerAddress::parse).toList(), options.randomize(), random);
        this.standbys = new StandbyPool(
                servers,
                dialer,
                new Backoff(
                        options.reconnect().firstDelay().toNanos(),
                        options.reconnect().maxDelay().toNanos()),
                random,
                options.connection().connectTimeout().toNanos(),
                options.hotSwap().timeout().toNanos(),
                options.hotSwap().refillJitter().toNanos(),
                options.hotSwap().enabled() ? options.hotSwap().standbys() : 0,
                this,
                nowNs);
        standbys.need(nowNs);
    }

    /** Completes when the first connection carries traffic, or with the reasons why no server could be connected to. */
    public CompletableFuture<Void> started() {
        return started;
    }

    /** Completes when everything is closed. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    public boolean isInLameDuckMode() {
        return lameDuckMode;
    }

    public boolean isStandbyReady() {
        return standbyReady;
    }

    public @Nullable String carrierUrl() {
        return carrierUrl;
    }

    public CompletableFuture<Void> settled() {
        return settled;
    }

    @Override
    public long onTick(long nowNs) {
        long waitNs = requests.expire(nowNs);
        if (carrier != null) {
            waitNs = Math.min(waitNs, carrier.onTick(nowNs));
        }
        for (Handover handover : List.copyOf(handovers)) {
            waitNs = Math.min(waitNs, handover.leaving().onTick(nowNs));
            waitNs = Math.min(waitNs, handover.step(nowNs));
        }
        for (PublishHold hold : holds) {
            waitNs = Math.min(waitNs, hold.step(nowNs));
        }
        holds.removeIf(PublishHold::isReleased);
        if (phase == Phase.STARTING || phase == Phase.RUNNING) {
            waitNs = Math.min(waitNs, standbys.onTick(nowNs));
        } else if (phase == Phase.CLOSING) {
            if ((unprocessed == 0 && settled.isDone()) || closeDeadlineNs - nowNs <= 0) {
                end();
            }
            waitNs = Math.min(waitNs, closeDeadlineNs - nowNs);
        }
        standbyReady = standbys.ready() != null;
        return waitNs;
    }

    // Connections come and go.

    @Override
    public void onStandby() {
        long nowNs = System.nanoTime();
        ServerConnection ready = standbys.ready();
        if (ready != null) {
            onInfo(ready); // Its first one, and before 2.12 often the only one that names the other servers.
        }
        if (carrier == null) {
            ServerConnection next = takeStandby(nowNs);
            if (next != null) {
                resume(next, nowNs);
            }
            return;
        }
        standbyReady = true;
        for (Handover handover : List.copyOf(handovers)) {
            handover.step(nowNs);
        }
    }

    private @Nullable ServerConnection takeStandby(long nowNs) {
        standbyReady = false;
        return standbys.take(nowNs);
    }

    /** Traffic begins, or begins again, on a connection that was made because there was none. */
    private void resume(ServerConnection next, long nowNs) {
        boolean first = phase == Phase.STARTING;
        phase = Phase.RUNNING;
        OutboundBuffer waiting = router.current().outbound();
        waiting.seal();
        waiting.moveTo(next.outbound(), nowNs);
        carryWithSubscriptions(next, nowNs);
        if (first) {
            log.connected(next.url());
            listener.tell(l -> l.onConnected(next.url()));
            started.complete(null);
        } else {
            onReconnected(next);
        }
    }

    private void onReconnected(ServerConnection next) {
        counters.reconnects.incrementAndGet();
        log.reconnected(next.url());
        listener.tell(l -> l.onReconnected(next.url()));
    }

    /** Makes a connection the carrier; user data follows when the server has taken the subscriptions. */
    private void carryWithSubscriptions(ServerConnection next, long nowNs) {
        OutboundBuffer outbound = next.outbound();
        outbound.closeGate();
        outbound.urgentSubscribe(requests.inbox().wildcard(), null, Inbox.SID);
        subscriptions.subscribeAll(outbound);
        next.ping(
                new OnPong(() -> {
                    outbound.openGate();
                    next.writer().flush();
                }),
                nowNs + options.connection().connectTimeout().toNanos());
        carry(next);
    }

    private void carry(ServerConnection next) {
        carrier = next;
        carrierUrl = next.url();
        maxPayload = next.info().maxPayload();
        router.moveTo(Route.to(next));
        next.writer().flush();
    }

    @Override
    public void onRoundFailed(Map<ServerAddress, Throwable> failures) {
        String attempts = failures.isEmpty()
                ? "there is no other server"
                : failures.entrySet().stream()
                        .map(failure -> failure.getKey() + ": " + reason(failure.getValue()))
                        .sorted()
                        .collect(Collectors.joining("; "));
        if (phase == Phase.STARTING) {
            started.completeExceptionally(new NatsException(
                    statusOf(failures), "no server could be connected to: " + attempts, lastOf(failures)));
            end();
        } else {
            log.attemptsFailed(attempts, carrier == null);
        }
    }

    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }

    /** One cause of all failures is worth more to a program than the general one. */
    private static NatsStatus statusOf(Map<ServerAddress, Throwable> failures) {
        boolean refused = failures.values().stream()
                .allMatch(failure ->
                        failure instanceof NatsException nats && nats.status() == NatsStatus.CONNECTION_AUTH_FAILED);
        return refused && !failures.isEmpty() ? NatsStatus.CONNECTION_AUTH_FAILED : NatsStatus.NO_SERVER;
    }

    private static @Nullable Throwable lastOf(Map<ServerAddress, Throwable> failures) {
        return failures.values().stream().reduce((earlier, later) -> later).orElse(null);
    }

    @Override
    public void onClosed(ServerConnection connection, Throwable cause) {
        long nowNs = System.nanoTime();
        Handover handover = handoverOf(connection);
        if (connection == carrier) {
            if (handover != null) { // It was to be left, and nothing could take over in time.
                handover.onLeavingLost();
                forget(handover);
            }
            lose(connection, cause, nowNs);
        } else if (handover != null) {
            loseLeaving(handover, cause, nowNs);
        } else {
            standbys.onGone(nowNs);
            standbyReady = false;
        }
    }

    /** The carrier is gone: everything it had not written goes to the standby, or waits for a connection. */
    private void lose(ServerConnection lost, Throwable cause, long nowNs) {
        carrier = null;
        carrierUrl = null;
        lameDuckMode = !handovers.isEmpty(); // Without hot swap it ends here, with no handover to forget.
        if (phase == Phase.CLOSING) {
            unprocessed = 0; // It will not answer any more; what is left of it is counted at the end.
            inDoubtAtClose += lost.writer().moveUnwritten(router.current().outbound(), nowNs);
            return;
        }
        ServerConnection next = takeStandby(nowNs);
        if (next != null) {
            reportLoss(lost, cause, lost.writer().moveUnwritten(next.outbound(), nowNs));
            carryWithSubscriptions(next, nowNs);
            onReconnected(next);
        } else {
            OutboundBuffer reconnectBuffer =
                    OutboundBuffer.offline(options.reconnect().bufferBytes());
            long inDoubt = lost.writer().moveUnwritten(reconnectBuffer, nowNs);
            router.moveTo(Route.offline(reconnectBuffer, maxPayload));
            reportLoss(lost, cause, inDoubt);
            standbys.need(nowNs);
        }
        for (Handover handover : handovers) {
            handover.onCarrierLost(nowNs);
        }
    }

    /** A connection that was being left is gone too early: what it had not written follows the traffic. */
    private void loseLeaving(Handover handover, Throwable cause, long nowNs) {
        ServerConnection lost = handover.leaving();
        boolean resubscribed = handover.onLeavingLost();
        long inDoubt = bequeath(lost, nowNs);
        if (inDoubt > 0) {
            reportLoss(lost, cause, inDoubt);
        }
        if (!resubscribed && carrier != null) {
            subscriptions.subscribeAll(carrier.outbound());
            carrier.writer().flush();
        }
        forget(handover);
    }

    /** What a closed connection had not written goes to the carrier, or to wherever traffic waits for one. */
    private long bequeath(ServerConnection closed, long nowNs) {
        if (carrier == null) {
            return closed.writer().moveUnwritten(router.current().outbound(), nowNs);
        }
        long inDoubt = closed.writer().moveUnwritten(carrier.outbound(), nowNs);
        if (phase == Phase.CLOSING) {
            awaitProcessed(carrier.outbound());
        }
        carrier.writer().flush();
        return inDoubt;
    }

    private void reportLoss(ServerConnection lost, Throwable cause, long inDoubt) {
        counters.publishesInDoubt.addAndGet(inDoubt);
        log.disconnected(lost.url(), cause, inDoubt);
        listener.tell(l -> l.onDisconnected(lost.url(), cause, inDoubt));
    }

    // A server leaves.

    @Override
    public void onLameDuck(ServerConnection connection) {
        long nowNs = System.nanoTime();
        servers.onLameDuck(connection.address(), connection.serverId(), nowNs);
        if (connection == standbys.ready()) {
            standbys.drop(nowNs);
            standbyReady = false;
        } else if (connection == carrier && phase == Phase.RUNNING) {
            lameDuckMode = true;
            counters.lameDuckEvents.incrementAndGet();
            log.lameDuckDetected(connection.url());
            listener.tell(l -> l.onLameDuckMode(connection.url()));
            if (options.hotSwap().enabled()) {
                Handover handover = new Handover(connection, subscriptions, this, timing());
                handovers.add(handover);
                handover.step(nowNs);
            }
        }
    }

    private Handover.Timing timing() {
        return new Handover.Timing(
                (long) (options.hotSwap().handoverJitter().toNanos() * random.nextDouble()),
                options.hotSwap().overlap().toNanos(),
                options.connection().connectTimeout().toNanos(),
                options.hotSwap().drainTimeout().toNanos(),
                options.connection().publishTimeout().toNanos());
    }

    @Override
    public @Nullable ServerConnection carrier() {
        return carrier;
    }

    @Override
    public boolean moveAwayFrom(ServerConnection leaving, long nowNs) {
        ServerConnection next = takeStandby(nowNs);
        if (next == null) {
            standbys.need(nowNs);
            return false;
        }
        // The inbox first: a request that leaves on B finds it there. Replies to earlier ones come through A or B.
        next.outbound().urgentSubscribe(requests.inbox().wildcard(), null, Inbox.SID);
        leaving.outbound().seal();
        holdPublishes(leaving, next, nowNs);
        carry(next);
        counters.handovers.incrementAndGet();
        log.trafficMoved(next.url());
        listener.tell(l -> l.onHandover(leaving.url(), next.url()));
        return true;
    }

    private void holdPublishes(ServerConnection leaving, ServerConnection next, long nowNs) {
        PublishHold hold = new PublishHold(
                leaving,
                next,
                options.hotSwap().orderedHandover()
                        ? options.hotSwap().publishSettle().toNanos()
                        : -1,
                options.connection().flushTimeout().toNanos(),
                nowNs);
        holds.add(hold);
        settled = settled.isDone() ? hold.processed() : CompletableFuture.allOf(settled, hold.processed());
    }

    @Override
    public void retire(ServerConnection left, long nowNs) {
        left.close();
        long inDoubt = bequeath(left, nowNs);
        if (inDoubt > 0) {
            reportLoss(left, new NatsException(NatsStatus.TIMEOUT, "left without its last PONG"), inDoubt);
        }
        log.retired(left.url());
        Handover handover = handoverOf(left);
        if (handover != null) {
            forget(handover);
        }
    }

    private void forget(Handover handover) {
        handovers.remove(handover);
        lameDuckMode = !handovers.isEmpty();
    }

    private @Nullable Handover handoverOf(ServerConnection connection) {
        for (Handover handover : handovers) {
            if (handover.leaving() == connection) {
                return handover;
            }
        }
        return null;
    }

    // Messages.

    @Override
    public void onInfo(ServerConnection connection) {
        servers.onInfo(connection.info());
        if (connection == carrier && phase == Phase.RUNNING && connection.info().maxPayload() != maxPayload) {
            maxPayload = connection.info().maxPayload();
            router.moveTo(Route.to(connection));
        }
    }

    @Override
    public void onMessage(ServerConnection connection, MessageView message) {
        if (message.sid() == Inbox.SID) {
            requests.onReply(message);
        } else {
            subscriptions.deliver(message);
        }
    }

    @Override
    public void onServerError(ServerConnection connection, String text) {
        log.serverError(connection.url(), text);
        listener.tell(l -> l.onError(new NatsException(NatsStatus.ERR, connection.url() + ": " + text)));
    }

    /** A subscription has ended: a server that is being left must not pick it for its queue group any more. */
    public void onUnsubscribed(long sid) {
        for (Handover handover : handovers) {
            if (handover.leaving() != carrier) {
                handover.leaving().outbound().lastUnsubscribe(sid);
                handover.leaving().writer().flush();
            }
        }
    }

    // The end.

    /** Takes no more traffic, gives the servers a limited time to process what there is, and closes everything. */
    public void close() {
        if (phase == Phase.CLOSING || phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSING;
        closeDeadlineNs =
                System.nanoTime() + options.connection().flushTimeout().toNanos();
        standbys.close();
        standbyReady = false;
        Route last = router.current();
        last.outbound().seal();
        router.moveTo(Route.closed());
        // Behind the seal: what it let through is in the table by now, and what it refuses is ended by its caller.
        requests.failAll(NatsStatus.CONNECTION_CLOSED, "the client was closed");
        if (carrier == null) {
            last.outbound().moveTo(router.current().outbound(), System.nanoTime());
        } else {
            awaitProcessed(last.outbound());
            last.flush();
        }
    }

    /** The end can come when the server answers that it has processed everything in this sealed buffer. */
    private void awaitProcessed(OutboundBuffer sealed) {
        unprocessed++;
        sealed.lastPing(new OnPong(() -> unprocessed--));
    }

    private void end() {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (phase != Phase.CLOSING) {
            close();
        }
        phase = Phase.CLOSED;
        long nowNs = System.nanoTime();
        OutboundBuffer unsent = router.current().outbound();
        if (carrier != null) {
            carrier.close();
            inDoubtAtClose += carrier.writer().moveUnwritten(unsent, nowNs);
            carrier = null;
            carrierUrl = null;
        }
        for (Handover handover : handovers) {
            handover.leaving().close();
            inDoubtAtClose += handover.leaving().writer().moveUnwritten(unsent, nowNs);
        }
        handovers.clear();
        lameDuckMode = false;
        reportUnsent(unsent.abandon());
        subscriptions.removeAll();
        loop.close();
    }

    private void reportUnsent(int unsent) {
        if (inDoubtAtClose + unsent > 0) {
            counters.publishesInDoubt.addAndGet(inDoubtAtClose);
            NatsException loss = new NatsException(
                    NatsStatus.CONNECTION_CLOSED,
                    "closed with " + inDoubtAtClose + " publishes in doubt and " + unsent
                            + " never sent: the server did not answer within "
                            + options.connection().flushTimeout().toMillis() + " ms");
            log.lostAtClose(loss);
            listener.tell(l -> l.onError(loss));
        }
    }

    @Override
    public void onEnd() {
        end();
        listener.tell(ClientListener::onClosed);
        ended.complete(null);
    }

    /** Something to do when a PING is answered, and nothing when its connection dies: whoever sees that acts on it. */
    private static final class OnPong extends Ping {
        private final Runnable action;

        OnPong(Runnable action) {
            this.action = action;
        }

        @Override
        public void onPong() {
            action.run();
        }

        @Override
        public void onLost() {}
    }
}
