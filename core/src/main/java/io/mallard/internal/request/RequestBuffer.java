package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.RequestBufferMetrics;
import io.mallard.RequestBufferOptions;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.request.PendingRequest.Ending;
import io.mallard.internal.route.Refusal;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Requests that no connection could take when they were made: they wait in the order they were made, each until its
 * deadline, and leave as soon as a connection takes them.
 *
 * <pre>
 *   callers --add--&gt; last … second, first --onTick--&gt; outbound buffer of the connection
 *                             |
 *                             deadline, cancel, close: whoever ends leaves at once, from wherever it stands
 * </pre>
 *
 * <p>None is forgotten. A caller takes a place and reads the route after that; the loop stores a route and looks for
 * places after that, in the same turn. One of the two sees the other: the loop finds the request, or its caller finds the
 * connection and wakes the loop, or finds the end of the client and ends its request.
 *
 * <p>None is overtaken by a later one of its caller. A request keeps its place until it is in the outbound buffer, so
 * that whoever finds all places empty comes behind everybody who has waited.
 *
 * <p>What is logged quotes CONTRACT J. Of the four lines it has for a request that expires, one is printed, once. Nothing is
 * ever queued again: a request for which the connection has no room stays where it is. There is no thread that processes
 * requests, that is the event loop; its lines are printed when the first request has to wait, and when all that had to
 * have ended. A full buffer is told of once until there was room again; the counters have every request.
 *
 * <p>Threading: {@link #onTick} on the event loop; the rest on any thread. What the loop has to say is logged elsewhere.
 */
public final class RequestBuffer {
    /** Other threads may have written what was in the way: how often a full outbound buffer is looked at. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final RequestTable table;
    private final Router router;
    private final Runnable wakeLoop;
    private final Counters counters;
    private final EventLog log;
    private final Executor lines;
    private final int maxRequests;
    private final long maxBytes;
    private final long timeoutNs;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock, under which the table holds requests and payloads are copied.
    private @Nullable Place first;
    private @Nullable Place last;
    private int count;
    private long bytes;
    /** Those that had to wait and have not ended; from the first one until there is none is one period. */
    private int unended;

    private boolean allAnswered;
    private long reconnectsBefore;

    // Written under lock, read by anybody.
    private volatile int waiting;

    private final AtomicBoolean toldOfFull = new AtomicBoolean();
    /** Requests that have expired here and were not told of yet. */
    private final AtomicInteger expired = new AtomicInteger();
    // Owned by the event loop. The connection told of as the one that sends what waits.
    private @Nullable Route sending;

    private boolean viaHotSwap;

    /**
     * @param wakeLoop makes the loop call {@link #onTick} soon
     * @param lines prints what the loop has to say, in order
     */
    public RequestBuffer(
            RequestTable table,
            Router router,
            Runnable wakeLoop,
            Counters counters,
            EventLog log,
            Executor lines,
            RequestBufferOptions options) {
        this.table = table;
        this.router = router;
        this.wakeLoop = wakeLoop;
        this.counters = counters;
        this.log = log;
        this.lines = lines;
        this.maxRequests = options.maxRequests();
        this.maxBytes = options.maxBytes();
        this.timeoutNs = Requester.boundedNs(options.timeout());
    }

    /** One place in the queue, and what became of the request that took it. */
    final class Place {
        private enum State {
            WAITING,
            /** It is, or was, in the outbound buffer of a connection. */
            SENT,
            /** It has ended without that. */
            LEFT
        }

        private final PendingRequest request;
        private final int size;
        private final long sinceNs;
        private final boolean shortened;
        private final int depth;
        /** Of all that wait, this one included. */
        private final long bytesThen;

        private final boolean opensPeriod;
        // Guarded by lock.
        private @Nullable Place previous;
        private @Nullable Place next;
        private State state = State.WAITING;
        // Owned by the event loop.
        private boolean viaHotSwap;

        Place(PendingRequest request, int size, long nowNs) {
            this.request = request;
            this.size = size;
            this.sinceNs = nowNs;
            this.shortened = request.deadlineNs - nowNs > timeoutNs;
            this.depth = count + 1;
            this.bytesThen = bytes + size;
            this.opensPeriod = unended == 0;
        }

        /** To be asked by whoever has ended the request: nothing changes that any more. */
        boolean isSent() {
            return state == State.SENT;
        }

        String adviceAfterTimeout() {
            return shortened ? "; raise requestBufferTimeout to wait longer" : "";
        }

        /** On whatever thread ends the request. */
        void onEnded(Ending how) {
            RequestBuffer.this.onEnded(this, how);
        }
    }

    /** Whether nobody waits: a request that can be sent needs not. */
    boolean isEmpty() {
        return waiting == 0;
    }

    /** Whether nobody may ever wait. */
    boolean isOff() {
        return maxRequests == 0;
    }

    /** A request was refused that had to wait. */
    void countRefusal() {
        counters.requestBufferOverflows.incrementAndGet();
    }

    /** What was counted so far. */
    public RequestBufferMetrics metrics() {
        long nowNs = System.nanoTime();
        return new RequestBufferMetrics(
                maxRequests,
                maxBytes,
                counters.requestBufferDepth.get(),
                counters.requestBufferMaxDepth.get(),
                Math.max(waiting, counters.requestBufferPeak.value(nowNs)),
                counters.requestBufferBytes.get(),
                Math.max(counters.requestBufferBytes.get(), counters.requestBufferPeakBytes.value(nowNs)),
                counters.requestsBuffered.get(),
                counters.bufferedRequestsAnswered.get(),
                counters.bufferedRequestsExpired.get(),
                counters.requestBufferOverflows.get(),
                counters.fallbacks.get(),
                counters.requestBufferWaits.summary());
    }

    /** Requests that wait now. */
    public int size() {
        return waiting;
    }

    /**
     * Lets a request of the table wait behind all others, or ends it when there is no room for that.
     *
     * @param payload copied unless the request has it
     * @param size bytes of the whole command
     * @return false when it has ended instead
     */
    boolean add(PendingRequest request, byte[] payload, int size, boolean inLameDuckMode, long nowNs) {
        Place place = null;
        String refusal = null;
        boolean dueFirst = false;
        lock.lock();
        try {
            if (count >= maxRequests || bytes + size > maxBytes) {
                refusal = describeFull(size);
                allAnswered = false;
            } else {
                if (request.payload == null) {
                    request.payload = payload.clone();
                }
                Place taken = new Place(request, size, nowNs);
                if (table.hold(request)) { // Otherwise its deadline was faster.
                    place = taken;
                    link(place);
                    request.place = place;
                    request.shorten(nowNs + timeoutNs);
                    dueFirst = table.letGo(request);
                }
            }
        } finally {
            lock.unlock();
        }
        if (place != null) {
            onEntered(place, dueFirst, inLameDuckMode);
        } else if (refusal != null) {
            refuse(request, refusal);
        }
        return place != null;
    }

    private String describeFull(int size) {
        return "request buffer full: " + count + " of " + maxRequests + " requests, " + bytes + " of " + maxBytes
                + " bytes, and this one has " + size + "; raise "
                + (count < maxRequests ? "requestBufferMaxBytes" : "requestBufferSize") + " or wait";
    }

    private void link(Place place) {
        assert lock.isHeldByCurrentThread();
        if (place.opensPeriod) {
            allAnswered = true;
            reconnectsBefore = counters.reconnects.get();
        }
        unended++;
        place.previous = last;
        if (last == null) {
            first = place;
        } else {
            last.next = place;
        }
        last = place;
        onDepth(count + 1, bytes + place.size);
    }

    private void onDepth(int newCount, long newBytes) {
        assert lock.isHeldByCurrentThread();
        count = newCount;
        bytes = newBytes;
        counters.requestBufferDepth.set(newCount);
        counters.requestBufferBytes.set(newBytes);
        waiting = newCount;
    }

    private void onEntered(Place place, boolean dueFirst, boolean inLameDuckMode) {
        PendingRequest request = place.request;
        Route route = router.current(); // After the place was taken, see above.
        if (route.kind() == Route.Kind.CONNECTED || dueFirst) {
            wakeLoop.run();
        }
        if (route.kind() == Route.Kind.CLOSED || route.kind() == Route.Kind.DRAINING) {
            giveUp(request, Objects.requireNonNull(Router.refusal(route, request.headerBytes(), 0)));
        }
        toldOfFull.set(false);
        counters.requestsBuffered.incrementAndGet();
        counters.requestBufferMaxDepth.accumulateAndGet(place.depth, Math::max);
        counters.requestBufferPeak.record(place.depth, place.sinceNs);
        counters.requestBufferPeakBytes.record(place.bytesThen, place.sinceNs);
        if (place.opensPeriod && inLameDuckMode) {
            counters.fallbacks.incrementAndGet();
            log.fallingBackToBuffering();
        }
        if (place.opensPeriod) {
            log.bufferingBegins();
        }
        if (inLameDuckMode) {
            log.bufferingInLameDuckMode(request.subject);
        }
        log.requestBuffered(request.subject, toMillis(request.timeoutNs), place.depth);
    }

    private void refuse(PendingRequest request, String reason) {
        if (!table.remove(request)) {
            return; // Its deadline was faster.
        }
        countRefusal();
        if (!toldOfFull.getAndSet(true)) {
            log.requestBufferFull(waiting);
        }
        table.fail(
                request,
                request.failure(
                        NatsStatus.INSUFFICIENT_BUFFER, "no request sent to \"" + request.subject + "\": " + reason));
    }

    /** On the event loop: sends what can be sent now; returns the nanoseconds until it wants to be called again. */
    public long onTick(long nowNs) {
        tellOfExpired();
        Route route = router.current();
        if (waiting == 0 || route.kind() != Route.Kind.CONNECTED) {
            sending = null;
            return Long.MAX_VALUE;
        }
        tellOfSending(route);
        Append answer = Append.ACCEPTED;
        Place next;
        while (answer == Append.ACCEPTED && (next = first()) != null) {
            answer = send(next, route, nowNs);
        }
        route.flush();
        if (answer == Append.ACCEPTED) {
            sending = null;
            return Long.MAX_VALUE;
        }
        return LOOK_NS;
    }

    private void giveUp(PendingRequest request, Refusal refusal) {
        NatsException why = refusal.toException("no request sent to \"" + request.subject + "\"");
        table.giveUp(request, why.status(), String.valueOf(why.getMessage()));
    }

    private @Nullable Place first() {
        lock.lock();
        try {
            return first;
        } finally {
            lock.unlock();
        }
    }

    private Append send(Place place, Route route, long nowNs) {
        PendingRequest request = place.request;
        byte[] payload = Objects.requireNonNull(request.payload);
        Refusal refusal = Router.refusal(route, request.headerBytes(), payload.length);
        if (refusal != null) {
            giveUp(request, refusal);
        }
        if (!table.hold(request)) {
            leave(place, Place.State.LEFT); // Somebody is ending it, and may take a while to get here.
            return Append.ACCEPTED;
        }
        try {
            byte[] prefix = table.inbox().prefix();
            Append answer = route.outbound()
                    .request(request, request.subject, prefix, request.token, payload, 0, payload.length, place.size);
            if (answer == Append.ACCEPTED) {
                leave(place, Place.State.SENT);
                onSent(place, nowNs);
            }
            return answer;
        } finally {
            table.letGo(request);
        }
    }

    /** Frees the place, if it is not free. */
    private void leave(Place place, Place.State how) {
        lock.lock();
        try {
            if (place.state != Place.State.WAITING) {
                return;
            }
            place.state = how;
            if (place.previous == null) {
                first = place.next;
            } else {
                place.previous.next = place.next;
            }
            if (place.next == null) {
                last = place.previous;
            } else {
                place.next.previous = place.previous;
            }
            place.previous = null;
            place.next = null;
            onDepth(count - 1, bytes - place.size);
        } finally {
            lock.unlock();
        }
    }

    private void onSent(Place place, long nowNs) {
        counters.requestBufferWaits.record(nowNs - place.sinceNs);
        place.viaHotSwap = viaHotSwap;
        if (log.isDetailed()) {
            String subject = place.request.subject;
            boolean hotSwap = viaHotSwap;
            lines.execute(() -> log.sendingBufferedRequest(subject, hotSwap));
        }
    }

    private void tellOfSending(Route route) {
        if (sending == route) {
            return;
        }
        sending = route;
        int requests;
        boolean recovered;
        lock.lock();
        try {
            requests = count;
            recovered = counters.reconnects.get() > reconnectsBefore;
        } finally {
            lock.unlock();
        }
        viaHotSwap = !recovered && !route.isLeaving();
        lines.execute(() -> log.sendingBufferedRequests(requests, recovered));
    }

    private void onEnded(Place place, Ending how) {
        boolean unsent;
        boolean last;
        boolean all;
        lock.lock();
        try {
            leave(place, Place.State.LEFT);
            unsent = place.state == Place.State.LEFT;
            allAnswered &= how == Ending.ANSWERED;
            all = allAnswered;
            unended--;
            last = unended == 0;
        } finally {
            lock.unlock();
        }
        if (how == Ending.ANSWERED) {
            counters.bufferedRequestsAnswered.incrementAndGet();
        } else if (how == Ending.EXPIRED && unsent) {
            counters.bufferedRequestsExpired.incrementAndGet();
            expired.incrementAndGet();
        }
        long tookNs = System.nanoTime() - place.sinceNs;
        String subject = place.request.subject; // And not the request, which may be large and is over.
        log.bufferedRequestEnded(subject, how.name(), !unsent, tookNs);
        boolean hotSwap = place.viaHotSwap;
        lines.execute(() -> {
            tellOfEnd(subject, hotSwap, how, unsent, tookNs);
            if (last) {
                log.bufferingComplete(all);
            }
        });
    }

    private void tellOfEnd(String subject, boolean hotSwap, Ending how, boolean unsent, long tookNs) {
        if (how == Ending.ANSWERED) {
            log.bufferedRequestCompleted(subject, toMillis(tookNs), hotSwap);
        } else if (unsent && how == Ending.EXPIRED) {
            log.bufferedRequestTimedOut(subject, toMillis(tookNs));
        } else if (unsent && how == Ending.CLIENT_CLOSED) {
            log.bufferedRequestFailed(subject);
        } // The others are like any request: their caller is told.
    }

    private void tellOfExpired() {
        if (expired.get() > 0) {
            int removed = expired.getAndSet(0);
            lines.execute(() -> log.expiredRequestsRemoved(removed));
        }
    }

    /** Ends the waiting requests whose deadline has passed without waiting for the loop; returns how many it has ended. */
    public int clearExpired(long nowNs) {
        List<PendingRequest> due = new ArrayList<>();
        lock.lock();
        try {
            for (Place place = first; place != null; place = place.next) {
                if (place.request.deadlineNs - nowNs <= 0) {
                    due.add(place.request);
                }
            }
        } finally {
            lock.unlock();
        }
        int cleared = 0;
        for (PendingRequest request : due) {
            if (table.timeOut(request)) {
                cleared++;
            }
        }
        tellOfExpired();
        return cleared;
    }

    private static long toMillis(long ns) {
        return TimeUnit.NANOSECONDS.toMillis(ns);
    }
}
