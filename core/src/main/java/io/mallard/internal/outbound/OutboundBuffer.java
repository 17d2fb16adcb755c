package io.mallard.internal.outbound;

import io.mallard.protocol.wire.ProtocolEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What callers have encoded and the socket has not taken: of one connection, or of none while there is no usable one.
 *
 * <pre>
 *   lost connection ------&gt; again ---\       (what it had sent and may not have arrived: before the rest)
 *   callers --append--&gt; filling --take--&gt; draining --write--&gt; socket
 *   loop ----append--&gt; urgent ---/                  (CONNECT, PONG, keep-alive, resubscription: before the rest)
 * </pre>
 *
 * <p>Two batches swap roles, so the lock is held while bytes are encoded and never while they are written. Leaving a
 * connection <em>seals</em> its buffer; an append that is told SEALED reads the route again. The seal is the
 * linearization point of every move: what was accepted before it belongs to this connection, the rest to the next.
 *
 * <p>Threading: appends from any thread; {@link #take} by the holder of the write token; the rest on the event loop.
 */
public final class OutboundBuffer {
    /** The answer to an append. */
    public enum Append {
        ACCEPTED,
        /** The bytes do not fit now. */
        FULL,
        /** Traffic has moved: read the route again. */
        SEALED
    }

    private enum Place {
        CONNECTION,
        /** There is no connection, and what is in here waits for one. */
        OFFLINE,
        /** There will be none. */
        NOWHERE
    }

    /** More than one read of a flood is answered with; a server sends one PING at a time. */
    private static final int MAX_PONGS = 16 << 10;

    private static final byte[] NOTHING = {};
    private static final Queue<Ping> NOBODY = new ArrayDeque<>(0);
    /** A full buffer is rid of expired requests ten times a second at most. */
    private static final long EXPIRED_STAY_NS = 100_000_000;

    private final int limitBytes;
    private final Place place;
    private final TrafficCounters traffic;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    // Latch: once true, always true.
    private final AtomicBoolean overflowed = new AtomicBoolean();

    // Guarded by lock. Never held during I/O or callbacks.
    private CommandBatch filling = new CommandBatch();
    private CommandBatch urgent = new CommandBatch();
    /** Among what is urgent. */
    private int pongs;
    /** Publishes that wait until those on the connection before this one have arrived, and what must stay behind them. */
    private CommandBatch held = new CommandBatch();
    /** Waiters of the PINGs that were taken, in the order of the wire. */
    private final Queue<Ping> awaitingPong = new ArrayDeque<>();
    /** What connections before this one had sent and may have lost, in order. */
    private final Deque<CommandBatch> again = new ArrayDeque<>();

    private long againBytes;
    // Latch: once true, always true. There was something in it.
    private boolean hasInherited;
    // Latches: once true, always true. A connection that is being left takes answers for a while longer.
    private boolean sealed;
    private boolean sealedForReplies;
    private boolean gated;
    private boolean holding;
    /** Bytes that callers have appended. Written under lock with release, read by anybody: late, it costs a write too many or a moment. */
    private final AtomicInteger fillBytes = new AtomicInteger();
    /** While what is published here may come back. */
    private @Nullable OwnPublishes ownPublishes;

    private final Coverage coverage = new Coverage();
    /** Null if publishes that may be lost are not sent again. */
    private final @Nullable RetainedPublishes retained;

    /** Once it has moved. */
    private long publishesResent;

    private long lastPublishNs;

    // Waits for its PONG at most once at a time.
    private final Ping coveringPing = new CoveringPing();

    private OutboundBuffer(int limitBytes, Place place, @Nullable RetainedPublishes retained, TrafficCounters traffic) {
        this.limitBytes = limitBytes;
        this.place = place;
        this.retained = retained;
        this.traffic = traffic;
    }

    /** For a connection. A command larger than the limit is accepted when nothing else is buffered. */
    public static OutboundBuffer ofConnection(int limitBytes, TrafficCounters traffic) {
        return new OutboundBuffer(limitBytes, Place.CONNECTION, null, traffic);
    }

    /** For a connection whose traffic nobody counts. */
    public static OutboundBuffer ofConnection(int limitBytes) {
        return ofConnection(limitBytes, new TrafficCounters());
    }

    /**
     * For a connection that keeps what it has published until that cannot be lost any more, and none is published above
     * {@code retainedBytes} of it.
     */
    public static OutboundBuffer ofRetainingConnection(int limitBytes, int retainedBytes, TrafficCounters traffic) {
        return new OutboundBuffer(limitBytes, Place.CONNECTION, new RetainedPublishes(retainedBytes), traffic);
    }

    /** For the time without a connection: the reconnect buffer, whose limit is strict. */
    public static OutboundBuffer offline(int limitBytes) {
        return new OutboundBuffer(limitBytes, Place.OFFLINE, null, new TrafficCounters());
    }

    /** For the end: takes nothing, and what is moved into it will not be sent. */
    public static OutboundBuffer nowhere() {
        return new OutboundBuffer(0, Place.NOWHERE, null, new TrafficCounters());
    }

    /** How much callers may leave in here. */
    int limitBytes() {
        return limitBytes;
    }

    /** Whether it is the buffer of a connection. */
    public boolean isOfConnection() {
        return place == Place.CONNECTION;
    }

    /** Whether publishes are kept in here until they cannot be lost any more. */
    public boolean isRetaining() {
        return retained != null;
    }

    /** {@code size} is what {@link ProtocolEncoder#pubSize} says of the same command. */
    public Append publish(
            String subject,
            @Nullable String reply,
            byte @Nullable [] headers,
            byte[] payload,
            int offset,
            int length,
            int size) {
        Objects.checkFromIndexSize(offset, length, payload.length); // Found out in mid-command, it would be too late.
        lock.lock();
        try {
            if (sealed || !fitsToPublish(size)) {
                return refusal();
            }
            CommandBatch batch = last();
            ProtocolEncoder.pub(batch.room(size), subject, reply, headers, payload, offset, length);
            batch.end(CommandKind.PUBLISH);
            fillBytes.setRelease(filling.size());
            if (ownPublishes != null) {
                ownPublishes.onPublish(subject, reply, headers, ByteBuffer.wrap(payload, offset, length));
            }
            return Append.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #publish(String, String, byte[], byte[], int, int, int)}, leaving the payload's position alone. */
    public Append publish(
            String subject, @Nullable String reply, byte @Nullable [] headers, ByteBuffer payload, int size) {
        lock.lock();
        try {
            if (sealed || !fitsToPublish(size)) {
                return refusal();
            }
            CommandBatch batch = last();
            ProtocolEncoder.pub(batch.room(size), subject, reply, headers, payload);
            batch.end(CommandKind.PUBLISH);
            fillBytes.setRelease(filling.size());
            if (ownPublishes != null) {
                ownPublishes.onPublish(subject, reply, headers, payload);
            }
            return Append.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    /** An answer: never held, and accepted on a connection that is being left, until {@link #sealForReplies}. */
    public Append reply(String subject, byte @Nullable [] headers, byte[] payload, int size) {
        lock.lock();
        try {
            if (sealedForReplies || !fitsToPublish(size)) {
                return sealedForReplies ? Append.SEALED : Append.FULL;
            }
            ProtocolEncoder.pub(filling.room(size), subject, null, headers, payload, 0, payload.length);
            filling.end(CommandKind.PUBLISH);
            fillBytes.setRelease(filling.size());
            if (ownPublishes != null) {
                ownPublishes.onPublish(subject, null, headers, ByteBuffer.wrap(payload));
            }
            return Append.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    /** A publish whose reply subject is the inbox and a token; the request has the headers, and is told what becomes of it. */
    public Append request(
            OutboundRequest request,
            String subject,
            byte[] inboxPrefix,
            long token,
            byte[] payload,
            int offset,
            int length,
            int size) {
        lock.lock();
        try {
            if (sealed || !fits(size)) {
                return refusal();
            }
            byte[] headers = request.headers();
            ProtocolEncoder.pubRequest(
                    filling.room(size), subject, inboxPrefix, token, headers, payload, offset, length);
            filling.end(request);
            fillBytes.setRelease(filling.size());
            request.onBuffered(this);
            if (ownPublishes != null) {
                String reply = new String(inboxPrefix, StandardCharsets.UTF_8) + token;
                ownPublishes.onPublish(subject, reply, headers, ByteBuffer.wrap(payload, offset, length));
            }
            return Append.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    public Append subscribe(String subject, @Nullable String queue, long sid) {
        return appendAlways(() -> {
            if (isOfConnection()) { // The next connection is told of all there are, see CommandKind.OWN.
                subscribe(filling, subject, queue, sid);
            }
        });
    }

    /** {@code max}: after how many messages since SUB; 0 for at once. */
    public Append unsubscribe(long sid, long max) {
        return appendAlways(() -> {
            if (isOfConnection()) {
                unsubscribe(last(), sid, max);
            }
        });
    }

    /** A user's PING, behind everything appended so far. */
    public Append ping(Ping ping) {
        return appendAlways(() -> last().ping(ping, CommandKind.PING));
    }

    /** For commands that are few and small: the limit is for data. */
    private Append appendAlways(Runnable command) {
        lock.lock();
        try {
            if (sealed) {
                return refusal();
            }
            command.run();
            return Append.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    private Append refusal() {
        return sealed ? Append.SEALED : Append.FULL;
    }

    /**
     * Waits until a command of that size fits, a publish too, the buffer is sealed or the deadline has passed.
     *
     * @return whether it is worth trying again
     */
    public boolean awaitRoom(int size, long deadlineNs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!sealed && !fitsToPublish(size)) {
                long leftNs = deadlineNs - System.nanoTime();
                if (leftNs <= 0) {
                    return false;
                }
                room.awaitNanos(leftNs);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Somebody found no room: whether nobody has before. */
    public boolean onOverflow() {
        return !overflowed.getAndSet(true);
    }

    /** About how many bytes the next {@link #take} will find that callers have published. */
    int fillBytes() {
        return fillBytes.getAcquire();
    }

    /** How full it is, for the message of whoever found no room. */
    public String describeFill() {
        lock.lock();
        try {
            String fill = filling.size() + held.size() + " of " + limitBytes + " bytes";
            return retained == null
                    ? fill
                    : fill + ", and " + (retained.size() + againBytes) + " of " + retained.limitBytes()
                            + " bytes kept until the server has answered for them";
        } finally {
            lock.unlock();
        }
    }

    /** Where that goes which must not overtake a publish. */
    private CommandBatch last() {
        assert lock.isHeldByCurrentThread();
        return holding ? held : filling;
    }

    private boolean fitsToPublish(int size) {
        return fits(size) && (retained == null || mayRetain(retained, size));
    }

    /** What is yet to be sent will have to be kept, too. */
    private boolean mayRetain(RetainedPublishes publishes, int size) {
        long kept = againBytes + publishes.size() + filling.size() + held.size();
        return kept + size <= publishes.limitBytes() || kept == 0;
    }

    private boolean fits(int size) {
        return hasRoom(size) || (removeLongExpired() && hasRoom(size));
    }

    /** Makes room, but not for every single request that expires: it costs a copy of the whole buffer. */
    private boolean removeLongExpired() {
        long nowNs = System.nanoTime();
        if (!filling.hasExpired(nowNs - EXPIRED_STAY_NS)) {
            return false;
        }
        filling.removeUnwanted(nowNs);
        return true;
    }

    private boolean hasRoom(int size) {
        assert lock.isHeldByCurrentThread();
        long buffered = (long) filling.size() + held.size();
        return buffered + size <= limitBytes || (isOfConnection() && buffered == 0);
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    // What the loop sends for the connection itself: ahead of user data, past seal, gate and limit.

    public void connect(byte[] connectJson) {
        locked(() -> {
            int size = ProtocolEncoder.connectSize(connectJson);
            ProtocolEncoder.connect(urgent.room(size), connectJson);
            urgent.end(CommandKind.OWN);
        });
    }

    /** False when the server has sent PINGs without end and takes no answer. */
    public boolean pong() {
        lock.lock();
        try {
            if (pongs == MAX_PONGS) {
                return false;
            }
            pongs++;
            ProtocolEncoder.pong(urgent.room(ProtocolEncoder.PONG_BYTES));
            urgent.end(CommandKind.OWN);
            return true;
        } finally {
            lock.unlock();
        }
    }

    public void urgentPing(Ping ping) {
        locked(() -> urgent.ping(ping, CommandKind.OWN_PING));
    }

    public void urgentSubscribe(String subject, @Nullable String queue, long sid) {
        locked(() -> subscribe(urgent, subject, queue, sid));
    }

    /** An empty message for the connection's own purposes. */
    public void urgentPublish(String subject) {
        locked(() -> publishNothing(urgent, subject));
    }

    public void urgentUnsubscribe(long sid, long max) {
        locked(() -> unsubscribe(urgent, sid, max));
    }

    // What the loop sends last on a connection that is being left: behind all user data, past the seal.

    public void lastUnsubscribe(long sid, long max) {
        locked(() -> {
            assert sealed;
            unsubscribe(last(), sid, max);
        });
    }

    /** An empty message for the connection's own purposes. */
    public void lastPublish(String subject) {
        locked(() -> {
            assert sealed;
            publishNothing(last(), subject);
        });
    }

    public void lastPing(Ping ping) {
        locked(() -> {
            assert sealed;
            last().ping(ping, CommandKind.OWN_PING);
        });
    }

    private static void publishNothing(CommandBatch batch, String subject) {
        int size = ProtocolEncoder.pubSize(subject.length(), 0, 0, 0);
        ProtocolEncoder.pub(batch.room(size), subject, null, null, NOTHING, 0, 0);
        batch.end(CommandKind.OWN);
    }

    private static void subscribe(CommandBatch batch, String subject, @Nullable String queue, long sid) {
        ProtocolEncoder.sub(batch.room(ProtocolEncoder.subSize(subject, queue, sid)), subject, queue, sid);
        batch.end(CommandKind.OWN);
    }

    private static void unsubscribe(CommandBatch batch, long sid, long max) {
        ProtocolEncoder.unsub(batch.room(ProtocolEncoder.unsubSize(sid, max)), sid, max);
        batch.end(CommandKind.OWN);
    }

    /** Holds user data back until {@link #openGate}; what is urgent still goes out. */
    public void closeGate() {
        locked(() -> gated = true);
    }

    public void openGate() {
        locked(() -> gated = false);
    }

    /** Whether a publish was written since then, or is yet to be. */
    public boolean hasPublishedSince(long timeNs) {
        lock.lock();
        try {
            return holding
                    || !again.isEmpty()
                    || filling.publishes() + held.publishes() > 0
                    || (coverage.taken() > 0 && lastPublishNs - timeNs >= 0)
                    || coverage.unanswered() > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Tells of everything that is published here from now on; null ends that. */
    public void tell(@Nullable OwnPublishes own) {
        locked(() -> ownPublishes = own);
    }

    /** Keeps publishes appended from now on until {@link #release}; requests and subscriptions pass them. */
    public void hold() {
        locked(() -> holding = true);
    }

    /** Lets the held publishes go, in their order, behind what has passed them. */
    public void release() {
        locked(() -> {
            if (holding) {
                holding = false;
                held.flip();
                held.copyUnwritten(filling, kind -> true, held.pings(), NOBODY, System.nanoTime());
                held.clear(System.nanoTime());
            }
        });
    }

    /** Refuses answers too from now on; to be called after {@link #seal}. */
    public void sealForReplies() {
        locked(() -> {
            assert sealed;
            sealedForReplies = true;
        });
    }

    /** Refuses appends from now on, except answers; those who wait for room look at the route again. */
    public void seal() {
        locked(() -> {
            sealed = true;
            room.signalAll();
        });
    }

    /**
     * Exchanges the written batch for the next one to write, flipped; null when there is nothing to write now.
     * Requests nobody waits for any more are left out. Behind publishes a PING is put from time to time, see
     * {@link Coverage}.
     */
    @Nullable
    CommandBatch take(CommandBatch written, long nowNs) {
        written.clear(nowNs);
        lock.lock();
        try {
            CommandBatch ahead = again.peek();
            if (urgent.isEmpty() && ((filling.isEmpty() && ahead == null) || gated)) {
                written.flip(); // Nothing to write, and so it reads.
                return null;
            }
            CommandBatch next;
            if (!urgent.isEmpty()) {
                next = urgent;
                urgent = written;
                pongs = 0;
            } else if (ahead != null) {
                prepare(ahead, nowNs);
                next = ahead;
                again.remove();
                againBytes -= next.size();
                traffic.onResent(next.publishes());
            } else {
                prepare(filling, nowNs);
                next = filling;
                filling = written;
                fillBytes.setRelease(0);
                room.signalAll();
            }
            next.tellTaken(nowNs);
            next.flip();
            Ping ping;
            while ((ping = next.pings().poll()) != null) { // An iterator would be garbage per message.
                ping.publishesBefore += coverage.taken();
                ping.takenNs = nowNs;
                awaitingPong.add(ping);
            }
            traffic.onSent(next.publishes() + next.requests(), next.size());
            if (next.publishes() > 0) {
                if (retained != null) {
                    next.copyPublishes(retained);
                }
                coverage.onTaken(next.publishes());
                lastPublishNs = nowNs;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** What may find no memory comes before anything has changed. */
    private void prepare(CommandBatch batch, long nowNs) {
        if (batch.publishes() > 0) {
            if (retained != null) {
                retained.reserve(batch.size(), batch.publishes());
            }
            if (coverage.mayAsk(nowNs)) {
                putCoveringPing(batch, nowNs);
            }
        }
    }

    private void putCoveringPing(CommandBatch batch, long nowNs) {
        batch.ping(coveringPing, CommandKind.OWN_PING);
        coverage.onAsked(nowNs);
    }

    /**
     * Puts a PING behind the end of a burst, which no publish comes behind that could take one along. To be called after
     * a PONG, and when it says so.
     *
     * @return nanoseconds until it wants to be called again; safe to add to any time
     */
    public long coverTail(long nowNs) {
        lock.lock();
        try {
            if (coverage.endPause(nowNs)) {
                putCoveringPing(urgent, nowNs);
            }
            return coverage.nsUntilPauseEnds(nowNs);
        } finally {
            lock.unlock();
        }
    }

    /** The next PONG has come. False when nobody sent a PING for it. */
    public boolean onPong(long nowNs) {
        Ping ping;
        lock.lock();
        try {
            ping = awaitingPong.poll();
            if (ping != null) {
                coverage.onPong(ping.publishesBefore, ping.takenNs, nowNs);
                if (ping == coveringPing) {
                    coverage.onAnswered(nowNs);
                }
                if (retained != null) {
                    retained.release(coverage.settled());
                    room.signalAll();
                }
            }
        } finally {
            lock.unlock();
        }
        if (ping != null) {
            ping.onPong();
        }
        return ping != null;
    }

    /**
     * The connection broke: publishes answered for just before are in doubt again, see {@link Coverage}. Not to be
     * called when a connection is left whose server lives.
     */
    public void onLost() {
        locked(coverage::onLost);
    }

    /**
     * Moves what never reached the server from this sealed buffer, whose connection is closed, to the next one: in
     * order, behind what is there, regardless of its limit. Before it goes what may not have reached the server, if that
     * was retained. Subscriptions do not move, see {@link CommandKind#OWN}. A flush that was waiting behind publishes now
     * in doubt is lost with them: its PONG from elsewhere would promise what nobody knows.
     *
     * @param draining the batch that was being written
     * @param ending why the connection is closed
     * @return publishes handed to the socket and not covered by a PONG, or only just before {@link #onLost}, that are not
     *     sent again: they may or may not have arrived
     */
    long moveUnwritten(CommandBatch draining, OutboundBuffer next, Ending ending, long nowNs) {
        Queue<Ping> lost = new ArrayDeque<>();
        final long inDoubt;
        lock.lock();
        next.lock.lock();
        try {
            assert sealed;
            sealedForReplies = true;
            // What a connection has left is older than what the next one holds; what no connection had is not.
            CommandBatch target = isOfConnection() ? next.filling : next.last();
            if (retained != null && next.place != Place.NOWHERE) {
                sendAgain(retained, coverage.taken() - draining.unwrittenPublishes(), next, ending);
            }
            if (ending.isForWhatWasSent()) {
                draining.skipHalfWritten(); // It is as likely why as any.
            }
            long written = coverage.taken() - draining.unwrittenPublishes();
            inDoubt = written - coverage.answered() - publishesResent;
            for (int sent = awaitingPong.size() - draining.unwrittenPings(); sent > 0; sent--) {
                lost.add(awaitingPong.remove());
            }
            Predicate<CommandKind> wanted = kind -> kind.isUsers() && (kind != CommandKind.PING || inDoubt == 0);
            CommandBatch first = again.isEmpty() ? target : new CommandBatch();
            draining.copyUnwritten(first, wanted, awaitingPong, lost, nowNs);
            if (first != target) {
                next.inherit(first);
            }
            for (CommandBatch batch = again.poll(); batch != null; batch = again.poll()) {
                CommandBatch copy = new CommandBatch();
                batch.flip();
                batch.copyUnwritten(copy, wanted, batch.pings(), lost, nowNs);
                next.inherit(copy);
            }
            againBytes = 0;
            for (CommandBatch batch : List.of(urgent, filling, held)) {
                batch.flip();
                batch.copyUnwritten(target, wanted, batch.pings(), lost, nowNs);
                batch.clear(nowNs);
            }
            target.tellBuffered(next);
        } finally {
            next.lock.unlock();
            lock.unlock();
        }
        lost.forEach(Ping::onLost);
        return inDoubt;
    }

    private void sendAgain(RetainedPublishes retaining, long written, OutboundBuffer next, Ending ending) {
        retaining.release(coverage.answered());
        List<CommandBatch> batches = List.of();
        try {
            batches = retaining.copy(written, ending.maxPayload());
        } catch (OutOfMemoryError e) {
            // Then they are in doubt, and told of, as if they had not been kept.
        }
        long publishes = batches.stream().mapToLong(CommandBatch::publishes).sum();
        // One of them may be why, and nobody knows which: the next connection would end like this one, and so on for
        // ever.
        boolean isInVain = ending.isForWhatWasSent()
                && hasInherited
                && coverage.settled() == 0
                && publishes == written - coverage.answered();
        if (!isInVain) {
            publishesResent = publishes;
            batches.forEach(next::inherit);
        }
        retaining.clear();
    }

    private void inherit(CommandBatch batch) {
        if (!batch.isEmpty()) {
            again.add(batch);
            againBytes += batch.size();
            hasInherited = true;
            batch.tellBuffered(this);
        }
    }

    /** Publishes that were sent on connections before this one, and not yet again. */
    public long publishesAgain() {
        lock.lock();
        try {
            return again.stream().mapToLong(CommandBatch::publishes).sum();
        } finally {
            lock.unlock();
        }
    }

    /** How many publishes its socket had taken and {@link #moveUnwritten} has moved all the same. */
    public long publishesResent() {
        lock.lock();
        try {
            return publishesResent;
        } finally {
            lock.unlock();
        }
    }

    /** Gives up what is in here, for good; returns how many publishes that were, without {@link #publishesAgain}. */
    public int abandon() {
        Queue<Ping> lost;
        int publishes;
        lock.lock();
        try {
            publishes = filling.publishes();
            lost = new ArrayDeque<>(filling.pings());
            again.forEach(batch -> lost.addAll(batch.pings()));
            again.clear();
            againBytes = 0;
            filling.pings().clear();
            filling.clear(System.nanoTime());
        } finally {
            lock.unlock();
        }
        lost.forEach(Ping::onLost);
        return publishes;
    }

    /** Whether the server has answered that it has processed every publish appended so far. */
    public boolean isCovered() {
        lock.lock();
        try {
            return coverage.unanswered() == 0 && again.isEmpty() && filling.publishes() + held.publishes() == 0;
        } finally {
            lock.unlock();
        }
    }

    /** The same for the buffer of no connection, where nothing can be in doubt. */
    public void moveTo(OutboundBuffer next, long nowNs) {
        moveUnwritten(new CommandBatch(), next, Ending.UNKNOWN, nowNs);
    }

    /** Nobody waits for it: what counts is that it was answered. */
    private static final class CoveringPing extends Ping {
        @Override
        public void onPong() {}

        @Override
        public void onLost() {}
    }
}
