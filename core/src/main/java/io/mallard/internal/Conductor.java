package io.mallard.internal;

import io.mallard.ClientListener;
import io.mallard.HandoverReason;
import io.mallard.LameDuckPrimaryPolicy;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.ReconnectDelay;
import io.mallard.internal.connection.ConnectionState;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.handover.Barrier;
import io.mallard.internal.handover.Handover;
import io.mallard.internal.handover.Handovers;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.publish.ReplyPath;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.RequestTable;
import io.mallard.internal.route.FailedRound;
import io.mallard.internal.route.Refusal;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.route.StandbyPool;
import io.mallard.internal.server.Backoff;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.MessageView;
import io.mallard.protocol.wire.ServerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Decides which connection carries the traffic of one client, and moves it when that has to change: the first
 * connection, a leaving server, a lost one, the end.
 *
 * <p>Every move is the same three steps within one turn of the loop: seal the buffer that is being left, put what must
 * go first into the next one, store the route.
 *
 * <p>Threading: owned by the event loop, except {@link #isInLameDuckMode}, {@link #standby}, {@link #settled} and
 * {@link #carrierUrl}, which anybody may read.
 */
public final class Conductor
        implements EventLoop.Agent,
                StandbyPool.User,
                Handovers.Carriers,
                SubscriptionEvents.Mover,
                ClientDrain.Traffic {
    private enum Phase {
        /** Until the first connection carries traffic. */
        STARTING,
        RUNNING,
        /** No new traffic; waiting for the server to have processed what there was. */
        CLOSING,
        CLOSED
    }

    /** One that stands by, as long as it does. */
    private record Standby(ServerConnection connection, int number) {}

    private final EventLoop loop;
    private final NatsOptions options;
    private final Router router;
    private final ServerPool servers;
    private final StandbyPool standbys;
    private final SubscriptionRegistry subscriptions;
    private final RequestTable requests;
    private final Publisher publisher;
    private final Handovers handovers;
    private final ReasonsToLeave reasons;
    private final @Nullable AskedDelay delay;
    private final HandoverEvents events;
    private final ServerErrors serverErrors;
    private final ListenerNotifier listener;
    private final EventLog log;
    private final Counters counters;

    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private Phase phase = Phase.STARTING;
    private @Nullable ServerConnection carrier;
    private final List<Standby> standingBy = new ArrayList<>();
    private int lastStandbyNumber;
    /** Rounds over all servers without success since the last one carried traffic. */
    private int failedRounds;
    /** Callers who wait for the traffic to move, as they have asked. */
    private final List<CompletableFuture<Void>> requestedMoves = new ArrayList<>();

    /** When the last carrier was. */
    private long lostNs;

    private long maxPayload = ServerInfo.DEFAULT_MAX_PAYLOAD;
    /** Once CLOSING. */
    private @Nullable Closing closing;
    /** Latch: once true, always true. */
    private boolean abandoned;
    /** Requests that the end was faster than. */
    private int unanswered;
    /** What the end has cost; null for nothing. */
    private @Nullable NatsException loss;

    // Written by the event loop, read by anybody.
    private volatile boolean lameDuckMode;
    private volatile @Nullable ServerConnection standby;
    private volatile @Nullable String carrierUrl;

    public Conductor(
            EventLoop loop,
            NatsOptions options,
            Router router,
            SubscriptionRegistry subscriptions,
            RequestTable requests,
            Publisher publisher,
            Dialer dialer,
            Executor executor,
            ListenerNotifier listener,
            EventLog log,
            Counters counters,
            long nowNs) {
        this.loop = loop;
        this.options = options;
        this.router = router;
        this.subscriptions = subscriptions;
        this.requests = requests;
        this.publisher = publisher;
        this.listener = listener;
        this.log = log;
        this.counters = counters;
        this.events = new HandoverEvents(options.hotSwap().enabled(), log, listener, counters);
        this.serverErrors = new ServerErrors(subscriptions, listener, log);
        Random random = new Random(options.seed());
        this.handovers = new Handovers(options, subscriptions, requests, this, random);
        this.servers = new ServerPool(
                options.servers().stream().map(ServerAddress::parse).toList(),
                options.hotSwap().servers().stream().map(ServerAddress::parse).toList(),
                options.randomize(),
                options.ignoreDiscoveredServers(),
                options.reconnect().maxAttempts(),
                random);
        this.standbys = new StandbyPool(
                servers,
                dialer,
                new Backoff(
                        options.reconnect().firstDelay().toNanos(),
                        options.reconnect().maxDelay().toNanos(),
                        options.reconnect().jitter()),
                random,
                options.hotSwap(),
                options.connection().connectTimeout().toNanos(),
                this,
                nowNs);
        this.reasons = new ReasonsToLeave(options, servers, standbys, random, listener, log, nowNs);
        ReconnectDelay asked = options.reconnect().delay();
        this.delay = asked == null ? null : new AskedDelay(asked, executor, loop, standbys, listener, log);
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

    /** The one that would take over; null when there is none. Its buffer and its writer may be used by anybody. */
    public @Nullable ServerConnection standby() {
        return standby;
    }

    public @Nullable String carrierUrl() {
        return carrierUrl;
    }

    public CompletableFuture<Void> settled() {
        return handovers.settled();
    }

    @Override
    public long onTick(long nowNs) {
        long waitNs = requests.expire(nowNs);
        if (carrier != null) {
            waitNs = Math.min(waitNs, carrier.onTick(nowNs));
        }
        waitNs = Math.min(waitNs, handovers.onTick(nowNs));
        if (phase == Phase.STARTING || phase == Phase.RUNNING) {
            waitNs = Math.min(waitNs, standbys.onTick(nowNs)); // Which may have been the last attempt.
            waitNs = Math.min(waitNs, leaveForReason(nowNs));
        }
        if (closing != null) {
            boolean answered = !closing.isAwaitingReplies() || requests.size() == 0;
            if (closing.isOver(nowNs)
                    || (answered && closing.isProcessed() && handovers.settled().isDone())) {
                end();
            }
            waitNs = Math.min(waitNs, closing.nsLeft(nowNs));
        }
        seeOffStandbys(nowNs);
        return waitNs;
    }

    // Connections come and go.

    @Override
    public void onStandby(ServerConnection ready) {
        long nowNs = System.nanoTime();
        ready.replier(new ReplyPath(Route.to(ready), publisher));
        onInfo(ready); // Its first one, and before 2.12 often the only one that names the other servers.
        if (phase == Phase.STARTING) {
            start(nowNs);
            return;
        }
        standby = standbys.ready();
        standingBy.add(new Standby(ready, ++lastStandbyNumber));
        log.standsBy(lastStandbyNumber, ready.url());
        if (options.hotSwap().hotInbox()) {
            ready.outbound().urgentSubscribe(requests.inbox().wildcard(), null, Inbox.SID);
            ready.writer().flush();
        }
        handovers.onCarrierOrStandby(nowNs);
        if (carrier != null) {
            reasons.onMade(ready, carrier, nowNs);
            standby = standbys.ready();
        }
        leaveForReason(nowNs);
    }

    /** Leaves a connection that serves, if there is a reason, and unless it is being left anyway. */
    private long leaveForReason(long nowNs) {
        ServerConnection current = phase == Phase.RUNNING ? carrier : null;
        if (current == null || handovers.of(current) != null) {
            return Long.MAX_VALUE;
        }
        long waitNs = reasons.onTick(current, standby, nowNs);
        HandoverReason reason = reasons.take(current, standby, nowNs);
        if (reason == null) {
            return waitNs;
        }
        handovers.begin(reason, current, nowNs).step(nowNs);
        return 0;
    }

    private @Nullable ServerConnection takeStandby(long nowNs) {
        ServerConnection taken = standbys.take(nowNs);
        standby = standbys.ready();
        return taken;
    }

    /** Those that stand by no more because they are gone. */
    private void seeOffStandbys(long nowNs) {
        standby = standbys.ready();
        for (int i = standingBy.size() - 1; i >= 0; i--) { // In every turn of the loop: without an iterator.
            Standby each = standingBy.get(i);
            if (each.connection().state() == ConnectionState.CLOSED) {
                standsByNoMore(each.connection(), false);
                inherit(each.connection(), nowNs);
            }
        }
    }

    private void standsByNoMore(ServerConnection connection, boolean takesOver) {
        standingBy.removeIf(each -> {
            boolean found = each.connection() == connection;
            if (found) {
                log.standsByNoMore(each.number(), connection.url(), takesOver);
            }
            return found;
        });
    }

    /** What users did on a standby that is gone goes on where the traffic goes. */
    private void inherit(ServerConnection gone, long nowNs) {
        long inDoubt = bequeath(gone, nowNs);
        requests.onConnectionLost(gone.outbound());
        if (inDoubt > 0) {
            reportLoss(gone, new NatsException(NatsStatus.CONNECTION_CLOSED, "it stood by no more"), inDoubt);
        }
        if (subscriptions.moveOnly(gone.outbound(), carrier == null ? null : carrier.outbound())) {
            handovers.onSubscriptionGap(gone);
        }
        if (carrier != null) {
            carrier.writer().flush();
        }
    }

    private void start(long nowNs) {
        ServerConnection first = takeStandby(nowNs);
        if (first != null) {
            phase = Phase.RUNNING;
            takeOver(first, nowNs);
            subscriptions.subscribeAll(first.outbound()); // There are some if the client had to try on.
            first.ping(
                    new Barrier(first),
                    nowNs + options.connection().connectTimeout().toNanos());
            log.connected(first.url());
            listener.tell(l -> l.onConnected(first.url()));
            started.complete(null);
            answerMoves();
        }
    }

    /** What waited for a connection goes to this one, once the server has answered behind the subscriptions. */
    private long takeOver(ServerConnection next, long nowNs) {
        next.outbound().closeGate();
        next.outbound().urgentSubscribe(requests.inbox().wildcard(), null, Inbox.SID);
        bringAlong(next, nowNs);
        return carry(next);
    }

    /** What waited for a connection. */
    private void bringAlong(ServerConnection next, long nowNs) {
        OutboundBuffer waiting = router.current().outbound();
        waiting.seal();
        waiting.moveTo(next.outbound(), nowNs);
    }

    /** Returns when new traffic began to go there. */
    private long carry(ServerConnection next) {
        carrier = next;
        carrierUrl = next.url();
        failedRounds = 0;
        servers.countAnew();
        reasons.onCarrierChanged();
        maxPayload = next.info().maxPayload();
        standbys.onCarrierChanged();
        handovers.tellOwnPublishes(next.outbound());
        router.moveTo(Route.to(next));
        long storedNs = System.nanoTime();
        next.writer().flush();
        return storedNs;
    }

    @Override
    public void onAttemptEnded(ServerAddress address, long sinceNs, @Nullable Throwable failure) {
        log.attemptEnded(
                address.toString(), System.nanoTime() - sinceNs, failure == null ? null : FailedRound.reason(failure));
    }

    @Override
    public void onRoundFailed(Map<ServerAddress, Throwable> failures) {
        FailedRound round = new FailedRound(failures);
        boolean trafficWaits = carrier == null && handovers.heldBack() == null;
        if (trafficWaits) {
            failures.forEach((address, failure) -> servers.onFailed(address, FailedRound.reason(failure)));
        }
        if (!started.isDone()) {
            if (!options.reconnect().onInitialConnect() || round.isRefusal() || servers.isUsedUp()) {
                started.completeExceptionally(round.toException());
                end();
                return;
            }
            started.complete(null);
        }
        log.attemptsFailed(round.attempts(), carrier == null);
        handovers.awaitingStandby().ifPresent(handover -> events.onMoveFailed(handover, round.attempts()));
        if (carrier != null) {
            reasons.onRoundFailed(carrier, round.attempts(), System.nanoTime());
        }
        if (trafficWaits) {
            onRoundInVain(round);
        }
    }

    /** Nothing carries the traffic: it waits for the next round, unless there can be none. */
    private void onRoundInVain(FailedRound round) {
        failedRounds++;
        if (servers.isRefusedByAll()) {
            giveUp(
                    NatsStatus.CONNECTION_AUTH_FAILED,
                    "every server has refused its credentials twice: " + round.attempts());
        } else if (servers.isUsedUp()) {
            giveUp(
                    NatsStatus.NO_SERVER,
                    "every server has failed as often as it may (maxReconnectAttempts="
                            + options.reconnect().maxAttempts() + "): " + servers.lastFailures());
        } else if (delay != null) {
            delay.ask(failedRounds, System.nanoTime());
        }
    }

    private void giveUp(NatsStatus status, String why) {
        NatsException end = new NatsException(status, "the client closes: " + why);
        log.gaveUp(end);
        listener.tell(l -> l.onError(end));
        subscriptions.onFailure(end);
        close();
    }

    @Override
    public void onClosed(ServerConnection connection, Throwable cause) {
        long nowNs = System.nanoTime();
        Handover handover = handovers.of(connection);
        if (connection == carrier) {
            lose(connection, handover, cause, nowNs);
        } else if (handover != null) {
            loseLeaving(handover, cause, nowNs);
        } else {
            standbys.onGone(connection, nowNs);
            standby = standbys.ready();
        }
    }

    /**
     * The carrier is gone: everything it had not written waits for the next one, which may stand by already.
     *
     * @param known the handover that was to leave it, and could not do so in time
     */
    private void lose(ServerConnection lost, @Nullable Handover known, Throwable cause, long nowNs) {
        lostNs = nowNs;
        if (closing != null) {
            carrier = null;
            carrierUrl = null;
            closing.onCarrierLost(bequeath(lost, router.current().outbound(), nowNs));
            return;
        }
        OutboundBuffer reconnectBuffer =
                OutboundBuffer.offline(options.reconnect().bufferBytes());
        long inDoubt = bequeath(lost, reconnectBuffer, nowNs);
        subscriptions.joinAll(lost.outbound());
        awaitCarrier(reconnectBuffer);
        reportLoss(lost, cause, inDoubt);
        HandoverReason reason = lost.isLameDuck() ? HandoverReason.LAME_DUCK : HandoverReason.LOST;
        Handover handover = known == null ? handovers.begin(reason, lost, nowNs) : known;
        handover.onInDoubt(inDoubt);
        handovers.onClosed(lost, nowNs);
        if (standbys.ready() == null) {
            standbys.needAtOnce(nowNs);
        }
        handover.step(nowNs);
        if (carrier == null) {
            events.onMoveFailed(handover, goneTooEarly(lost));
        }
        requests.onConnectionLost(lost.outbound()); // Last: what is sent again goes to the standby if there is one.
        if (carrier == null && options.reconnect().maxAttempts() == 0) {
            giveUp(
                    NatsStatus.NO_SERVER,
                    "the connection is lost, and maxReconnectAttempts=0: " + lost.url() + ": "
                            + FailedRound.reason(cause));
        }
    }

    /** A connection that was being left is gone too early: what it had not written follows the traffic. */
    private void loseLeaving(Handover handover, Throwable cause, long nowNs) {
        ServerConnection lost = handover.leaving();
        boolean heldBack = handover.state() == Handover.State.AWAITING_STANDBY; // It served until now.
        if (heldBack && closing != null) {
            closing.onCarrierLost(bequeath(lost, nowNs));
            return;
        }
        if (heldBack) {
            lostNs = nowNs;
        }
        long inDoubt = bequeath(lost, nowNs);
        if (lost.outbound().publishesResent() > 0) {
            handover.onPublishOrderLost(); // Later ones have gone ahead.
        }
        subscriptions.joinAll(lost.outbound());
        requests.onConnectionLost(lost.outbound());
        if (inDoubt > 0 || carrier == null) { // What was held back has no server at all from now on.
            reportLoss(lost, cause, inDoubt);
        }
        handover.onInDoubt(inDoubt);
        handovers.onClosed(lost, nowNs);
        if (carrier == null) {
            standbys.needAtOnce(nowNs);
        }
        handover.step(nowNs);
        if (heldBack && carrier == null) {
            events.onMoveFailed(handover, goneTooEarly(lost));
        }
    }

    private static String goneTooEarly(ServerConnection lost) {
        return lost.url() + " was gone before there was another connection";
    }

    /** What a closed connection had not written goes to the carrier, or to wherever traffic waits for one. */
    private long bequeath(ServerConnection closed, long nowNs) {
        if (carrier == null) {
            return bequeath(closed, router.current().outbound(), nowNs);
        }
        long inDoubt = bequeath(closed, carrier.outbound(), nowNs);
        if (closing != null) {
            closing.await(carrier.outbound());
        }
        carrier.writer().flush();
        return inDoubt;
    }

    private long bequeath(ServerConnection closed, OutboundBuffer heir, long nowNs) {
        long inDoubt = closed.bequeath(heir, nowNs);
        long resent = closed.outbound().publishesResent();
        if (resent > 0) {
            log.publishesResent(closed.url(), resent);
        }
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
        standbys.onLameDuck(connection, nowNs);
        standby = standbys.ready();
        if (connection == carrier && phase == Phase.RUNNING) {
            lameDuckMode = true;
            if (options.hotSwap().enabled()) {
                Handover requested = handovers.of(connection); // There is no standby, or it would be over.
                handovers.forget(requested);
                handovers.begin(HandoverReason.LAME_DUCK, connection, nowNs).step(nowNs);
            }
            events.onLameDuck(connection);
            if (connection == carrier && options.lameDuck().primaryPolicy() == LameDuckPrimaryPolicy.BUFFER) {
                handovers.awaitingStandby().ifPresent(this::holdBack);
            }
        }
    }

    /** New traffic waits for the next server although the leaving one would still take it, as the user has asked. */
    private void holdBack(Handover handover) {
        handovers.onHeldBack(handover.leaving());
        OutboundBuffer reconnectBuffer =
                OutboundBuffer.offline(options.reconnect().bufferBytes());
        reconnectBuffer.hold(); // Behind what the leaving connection has not written, should it be lost.
        awaitCarrier(reconnectBuffer);
    }

    /** Nothing carries the traffic from now on: it goes to that buffer. */
    private void awaitCarrier(OutboundBuffer reconnectBuffer) {
        carrier = null;
        carrierUrl = null;
        handovers.tellOwnPublishes(reconnectBuffer);
        router.moveTo(Route.offline(reconnectBuffer, maxPayload));
    }

    /** Moves the traffic to another server; the future tells when that is done, or that it cannot be. */
    public void move(CompletableFuture<Void> moved) {
        if (closing != null) {
            moved.completeExceptionally(new NatsException(NatsStatus.CONNECTION_CLOSED, "the client is closed"));
            return;
        }
        requestedMoves.add(moved);
        if (carrier != null && handovers.of(carrier) == null) {
            long nowNs = System.nanoTime();
            handovers.begin(HandoverReason.REQUESTED, carrier, nowNs).step(nowNs);
        }
    }

    /** Prefers a server to all others for what stands by; null for none. */
    public void adopt(@Nullable ServerAddress address) {
        long nowNs = System.nanoTime();
        reasons.onAdopted();
        servers.adopt(address);
        standbys.onAdopted(nowNs);
        seeOffStandbys(nowNs);
    }

    /** From now on these servers are configured. The traffic stays where it is. */
    public void configure(List<ServerAddress> configured) {
        long nowNs = System.nanoTime();
        servers.configure(configured);
        standbys.onConfigured(nowNs);
        seeOffStandbys(nowNs);
    }

    @Override
    public @Nullable ServerConnection carrier() {
        return carrier;
    }

    @Override
    public boolean move(Handover handover, long nowNs) {
        ServerConnection next = takeStandby(nowNs);
        if (next == null) {
            standbys.need(nowNs);
            return false;
        }
        requests.roundTrips().onSwap(nowNs);
        long storedNs = handover.isLeavingLost() ? takeOver(next, nowNs) : swap(handover.leaving(), next, nowNs);
        handover.onTrafficMoved(next.url(), storedNs);
        standsByNoMore(next, true);
        events.onMoved(handover, next, storedNs - lostNs);
        answerMoves();
        return true;
    }

    private void answerMoves() {
        requestedMoves.forEach(moved -> moved.complete(null));
        requestedMoves.clear();
    }

    private long swap(ServerConnection leaving, ServerConnection next, long nowNs) {
        handovers.onSwap(leaving, next, nowNs);
        if (carrier == null) { // It was held back: behind what the leaving server has yet to process.
            bringAlong(next, nowNs);
        }
        long storedNs = carry(next);
        leaving.writer().flush();
        return storedNs;
    }

    @Override
    public void onState(Handover handover, Handover.State state, boolean inTime) {
        events.onState(handover, state, inTime);
    }

    @Override
    public void onRetired(Handover handover, long nowNs) {
        ServerConnection left = handover.leaving();
        if (left == carrier) {
            NatsException nowhere = new NatsException(
                    NatsStatus.NO_SERVER,
                    "no other server could be connected to within "
                            + options.hotSwap().timeout().toMillis() + " ms; traffic stays on " + left.url());
            requestedMoves.forEach(moved -> moved.completeExceptionally(nowhere));
            requestedMoves.clear();
            standbys.trafficStays();
            return;
        }
        if (!handover.isLeavingLost()) {
            left.close();
            long inDoubt = bequeath(left, nowNs);
            boolean resent = left.outbound().publishesResent() > 0;
            if (resent) {
                handover.onPublishOrderLost(); // Later ones have gone ahead.
            }
            if (resent || inDoubt > 0) { // It has not answered, for requests neither.
                requests.onConnectionLost(left.outbound());
            }
            if (inDoubt > 0) {
                handover.onInDoubt(inDoubt);
                reportLoss(left, new NatsException(NatsStatus.TIMEOUT, "left without its last PONG"), inDoubt);
            }
            log.retired(left.url());
        }
        if (handovers.forgetOwnPublishes()) {
            router.current().outbound().tell(null);
        }
        lameDuckMode = isLeavingLameDuck();
        events.onRetired(handover, handover.report(requests.tally(), requests.roundTrips(), nowNs), lameDuckMode);
    }

    private boolean isLeavingLameDuck() {
        // Without hot swap there is no handover before it is gone.
        return handovers.isLeavingLameDuck() || (carrier != null && carrier.isLameDuck());
    }

    // Messages.

    @Override
    public void onInfo(ServerConnection connection) {
        List<ServerAddress> appeared = servers.onInfo(connection.info());
        if (!appeared.isEmpty()) {
            long nowNs = System.nanoTime();
            standbys.onServerAppeared(nowNs);
            // The answer to CONNECT, and what a standby says first, is news to this client alone.
            if (connection == carrier && !connection.info().connectInfo()) {
                reasons.onJoined(appeared, connection.info().connectUrls().size(), nowNs);
            }
        }
        if (connection == carrier && phase == Phase.RUNNING && connection.info().maxPayload() != maxPayload) {
            maxPayload = connection.info().maxPayload();
            router.moveTo(Route.to(connection));
        }
    }

    @Override
    public void onMessage(ServerConnection connection, MessageView message) {
        if (message.sid() != Inbox.SID) {
            handovers.onMessage(connection, message);
        } else if (!requests.onReply(message, connection.replier()) && !answersTheOnlyRequest(connection, message)) {
            handovers.onInboxMessage(connection, message);
        }
    }

    /** A rewritten reply has no token by which a second copy of it, through another connection, would be known. */
    private boolean answersTheOnlyRequest(ServerConnection connection, MessageView message) {
        return connection == carrier
                && !handovers.isUnderWay()
                && requests.onRewrittenReply(message, connection.replier(), connection.outbound());
    }

    @Override
    public void onServerError(ServerConnection connection, String text) {
        if (handovers.onServerError(connection, text)) {
            log.fenceForbidden(connection.url(), text);
        } else {
            serverErrors.on(connection, text);
        }
    }

    @Override
    public void onUnsubscribed(long sid) {
        handovers.onUnsubscribed(sid);
    }

    @Override
    public Router routerFor(ActiveSubscription subscription) {
        for (Standby each : standingBy) {
            ServerConnection connection = each.connection();
            if (connection.outbound() == subscription.onlyOn() && connection.state() != ConnectionState.CLOSED) {
                return new Router(Route.only(connection));
            }
        }
        return router;
    }

    @Override
    public boolean isOverlapping() {
        return handovers.isOverlapping();
    }

    /** The servers that have it must know. */
    @Override
    public void onLimited(ActiveSubscription subscription) {
        long limit = subscriptions.limitOf(subscription);
        ServerConnection heldBack = handovers.heldBack();
        if (heldBack != null && limit > 0) {
            heldBack.outbound().lastUnsubscribe(subscription.sid(), limit);
            heldBack.writer().flush();
        } else if (!handovers.onLimited(subscription) && limit > 0) {
            // In its turn behind the SUB, which may be in the buffer of user data. Without a connection, or if it is
            // just
            // being left, the next one is told with the subscription.
            Refusal unused = routerFor(subscription)
                    .offer(outbound -> outbound.unsubscribe(subscription.sid(), limit), 0, 0, 0, false, 0);
        }
    }

    // The end.

    /** Takes no more traffic, gives the servers a limited time to process what there is, and closes everything. */
    @Override
    public void close() {
        long timeoutNs = options.connection().flushTimeout().toNanos();
        if (closing != null && closing.isAwaitingReplies()) {
            closing.hurry(timeoutNs, System.nanoTime());
            OutboundBuffer unsent = router.current().outbound();
            unsent.seal();
            router.moveTo(Route.closed());
            unsent.moveTo(router.current().outbound(), System.nanoTime());
            failRequests();
        } else if (phase != Phase.CLOSING && phase != Phase.CLOSED) {
            abandoned = true;
            subscriptions.removeAll(); // Before the route: a handler would only find that all it tries is refused.
            begin(new Closing(false, timeoutNs, System.nanoTime()), Route.closed());
            // After the route: a request that is made meanwhile is either among these, or finds the client closed.
            failRequests();
        }
    }

    /** Whether the client was closed without being drained first, and has dropped its subscriptions. */
    public boolean isAbandoned() {
        return abandoned;
    }

    @Override
    public void closeWhenDone() {
        if (phase != Phase.CLOSING && phase != Phase.CLOSED) {
            begin(new Closing(true, ClientDrain.NO_LIMIT_NS, System.nanoTime()), Route.draining());
        }
    }

    private void failRequests() {
        unanswered += requests.size();
        requests.failAll(NatsStatus.CONNECTION_CLOSED, "the client was closed");
    }

    @Override
    public boolean isStranded() {
        return carrier == null
                && handovers.heldBack() == null
                && router.current().outbound().hasPublishedSince(System.nanoTime());
    }

    @Override
    public int unanswered() {
        return unanswered;
    }

    @Override
    public @Nullable NatsException loss() {
        return loss;
    }

    /** The end begins: new traffic is refused as that route says. */
    private void begin(Closing end, Route refusing) {
        standbys.close();
        seeOffStandbys(System.nanoTime());
        phase = Phase.CLOSING;
        closing = end;
        NatsException closed = new NatsException(NatsStatus.CONNECTION_CLOSED, "the client was closed");
        requestedMoves.forEach(moved -> moved.completeExceptionally(closed));
        Route last = router.current();
        last.outbound().seal();
        router.moveTo(refusing);
        ServerConnection serving = carrier == null ? handovers.heldBack() : carrier;
        if (carrier == null) {
            OutboundBuffer way = serving == null ? router.current().outbound() : serving.outbound();
            last.outbound().moveTo(way, System.nanoTime());
        }
        if (serving != null) {
            end.await(serving.outbound());
            serving.writer().flush();
        }
    }

    private void end() {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (phase != Phase.CLOSING) {
            close();
        }
        phase = Phase.CLOSED;
        List<ServerConnection> left = handovers.left();
        if (carrier != null) {
            left.add(0, carrier);
        }
        long inDoubt = closing == null ? 0 : closing.inDoubt();
        OutboundBuffer unsent = router.current().outbound();
        for (ServerConnection connection : left) {
            connection.close();
            inDoubt += bequeath(connection, unsent, System.nanoTime());
        }
        carrier = null;
        carrierUrl = null;
        handovers.clear();
        lameDuckMode = false;
        router.moveTo(Route.closed());
        failRequests(); // There are some if the connection was lost while their replies were waited for.
        inDoubt += unsent.publishesAgain();
        reportUnsent(inDoubt, unsent.abandon(), !left.isEmpty());
        subscriptions.removeAll();
        loop.close();
    }

    private void reportUnsent(long inDoubt, int unsent, boolean connected) {
        if (inDoubt + unsent > 0) {
            counters.publishesInDoubt.addAndGet(inDoubt);
            NatsException lost = new NatsException(
                    NatsStatus.CONNECTION_CLOSED,
                    "closed with " + inDoubt + " publishes in doubt and " + unsent
                            + " never sent: "
                            + (connected
                                    ? "the server did not answer within "
                                            + options.connection()
                                                    .flushTimeout()
                                                    .toMillis() + " ms"
                                    : "there is no connection"));
            loss = lost;
            log.lostAtClose(lost, inDoubt);
            listener.tell(l -> l.onError(lost));
        }
    }

    @Override
    public void onEnd() {
        end();
        listener.tell(ClientListener::onClosed);
        ended.complete(null);
    }
}
