package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.internal.LongMap;
import io.mallard.protocol.wire.MessageView;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The requests under way, by token. Removing one from here is what decides who ends it: the reply, the deadline, the
 * caller or the end of the client; a second reply finds nothing and is dropped.
 *
 * <p>Threading: safe from any thread; {@link #onReply} and {@link #expire} on the event loop.
 */
public final class RequestTable {
    private static final byte[] NO_RESPONDERS = "NATS/1.0 503".getBytes(US_ASCII);

    private final Inbox inbox;
    private final LongMap<PendingRequest> pending = new LongMap<>();
    private final DeadlineWheel<PendingRequest> deadlines;
    private final AtomicLong lastToken = new AtomicLong();
    private final AtomicLong timeouts = new AtomicLong();

    public RequestTable(Inbox inbox, long nowNs) {
        this.inbox = inbox;
        this.deadlines = new DeadlineWheel<>(nowNs);
    }

    public Inbox inbox() {
        return inbox;
    }

    /** Enters a request and gives it its token; returns whether the loop must be woken for its deadline. */
    boolean add(PendingRequest request) {
        request.token = lastToken.incrementAndGet();
        pending.put(request.token, request);
        return deadlines.add(request);
    }

    /** Takes a request out; whoever gets true ends it. */
    boolean remove(PendingRequest request) {
        return remove(request.token) != null;
    }

    private @Nullable PendingRequest remove(long token) {
        PendingRequest request = pending.remove(token);
        if (request != null) {
            deadlines.remove(request);
        }
        return request;
    }

    public int size() {
        return pending.size();
    }

    /** A token no request has or will have. */
    public long newToken() {
        return lastToken.incrementAndGet();
    }

    /**
     * A message to the inbox has come; false if no request waits for it: it is late, or the second copy of one that came
     * over two connections.
     */
    public boolean onReply(MessageView message, NatsMessage.Replier replier) {
        PendingRequest request = remove(inbox.token(message));
        if (request == null) {
            return false;
        }
        byte[] headers = message.headers();
        if (headers != null && isNoResponders(headers) && message.payload().length == 0) {
            fail(request, NatsStatus.NO_RESPONDERS, "no responders are subscribed to \"" + request.subject + "\"");
        } else {
            succeed(request, new NatsMessage(message.subject(), message.reply(), message.payload(), replier));
        }
        return true;
    }

    private static boolean isNoResponders(byte[] headers) {
        int length = NO_RESPONDERS.length;
        return headers.length >= length && Arrays.equals(headers, 0, length, NO_RESPONDERS, 0, length);
    }

    /** Ends the requests whose deadline has come; returns the nanoseconds until the next one may be due. */
    public long expire(long nowNs) {
        return deadlines.expire(nowNs, this::timeOut);
    }

    /** Requests that have timed out so far. */
    public long timeouts() {
        return timeouts.get();
    }

    /** Ends a request whose deadline has come; false when somebody else ends it. */
    boolean timeOut(PendingRequest request) {
        if (!remove(request)) {
            return false;
        }
        timeouts.incrementAndGet();
        fail(
                request,
                NatsStatus.TIMEOUT,
                "no reply to \"" + request.subject + "\" within " + TimeUnit.NANOSECONDS.toMillis(request.timeoutNs)
                        + " ms");
        return true;
    }

    /** Ends every request. */
    public void failAll(NatsStatus status, String message) {
        for (PendingRequest request : pending.values()) {
            if (remove(request)) {
                fail(request, status, message);
            }
        }
    }

    private static void succeed(PendingRequest request, NatsMessage reply) {
        try {
            request.succeed(reply);
        } catch (RuntimeException | Error e) {
            report(e);
        }
    }

    private static void fail(PendingRequest request, NatsStatus status, String message) {
        try {
            request.fail(new NatsException(status, message));
        } catch (RuntimeException | Error e) {
            report(e);
        }
    }

    /** What goes wrong at the end of one request must neither keep the others waiting nor cost a connection. */
    private static void report(Throwable thrown) {
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, thrown);
    }
}
