package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.request.PendingRequest.Ending;
import io.mallard.protocol.wire.MessageView;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The requests under way, by number, which is the part of a token that both attempts to send a request share.
 *
 * <p>Taking one out of the wheel of deadlines is what decides who ends it: the reply, the deadline, the caller or the end
 * of the client. A second reply finds nothing and is dropped. A reply to either attempt ends a request, a 503 only if it
 * answers the latest.
 *
 * <p>Threading: safe from any thread, except what is said to be the event loop's.
 */
public final class RequestTable {
    private static final byte[] NO_RESPONDERS = "NATS/1.0 503".getBytes(US_ASCII);

    private final Inbox inbox;
    private final Resender resender;
    private final Counters counters;
    private final RequestSlots pending = new RequestSlots();
    private final DeadlineWheel<PendingRequest> deadlines;
    private final RoundTrips roundTrips = new RoundTrips();
    private final Consumer<PendingRequest> onDue = this::onDue; // Once, and not in every turn of the loop.

    public RequestTable(Inbox inbox, Resender resender, Counters counters, long nowNs) {
        this.inbox = inbox;
        this.resender = resender;
        this.counters = counters;
        this.deadlines = new DeadlineWheel<>(nowNs);
    }

    public Inbox inbox() {
        return inbox;
    }

    /** Enters a request and gives it its token; returns whether the loop must be woken for its deadline. */
    boolean add(PendingRequest request) {
        pending.add(request);
        return deadlines.add(request); // Last: from here on it can end.
    }

    /** Takes a request out; whoever gets true ends it. */
    boolean remove(PendingRequest request) {
        return remove(request, Ending.GIVEN_UP);
    }

    private boolean remove(PendingRequest request, Ending how) {
        if (!deadlines.remove(request)) {
            return false;
        }
        forget(request, how);
        return true;
    }

    /** Takes a request out for a moment, in which it cannot end; false when it has ended, or somebody else has done so. */
    boolean hold(PendingRequest request) {
        return deadlines.remove(request);
    }

    /** Lets a held request end again; returns whether the loop must be woken for its deadline. */
    boolean letGo(PendingRequest request) {
        boolean dueFirst = deadlines.add(request);
        if (request.isAbandoned()) {
            remove(request); // Whoever wanted to do so meanwhile could not.
        }
        return dueFirst;
    }

    private void forget(PendingRequest request, Ending how) {
        try {
            request.end(how);
        } catch (RuntimeException | Error e) { // Such as no thread to tell of it: its caller is told all the same.
            Uncaught.report(e);
        }
        pending.remove(request);
    }

    public int size() {
        return deadlines.size();
    }

    /** A token no request has or will have. */
    public long newToken() {
        return PendingRequest.firstToken(pending.newNumber());
    }

    /**
     * On the event loop: a message to the inbox has come; false if no request waits for it: it is late, or the second copy
     * of one that came over two connections.
     */
    public boolean onReply(MessageView message, NatsMessage.Replier replier) {
        long token = inbox.token(message);
        PendingRequest request = pending.get(PendingRequest.number(token));
        if (request == null) {
            return false;
        }
        if (!isNoResponders(message)) {
            answer(request, inbox.lazySubject(token), message, replier);
        } else if (token == request.token) {
            onNoResponders(request);
        } // Otherwise it answers an attempt that was given up already.
        return true;
    }

    /**
     * The same of one whose subject has no token, because servers map subjects: as long as only one request waits, and was
     * sent on the connection the message has come by, it is taken for its reply. It may be one that was given up before, whose
     * reply comes late.
     */
    public boolean onRewrittenReply(MessageView message, NatsMessage.Replier replier, OutboundBuffer cameBy) {
        if (inbox.token(message) != Inbox.NO_TOKEN || deadlines.size() != 1) {
            return false;
        }
        List<PendingRequest> all = pending.all();
        if (all.size() != 1 || !all.get(0).wasSentBy(cameBy)) {
            return false;
        }
        if (isNoResponders(message)) {
            onNoResponders(all.get(0));
        } else {
            answer(all.get(0), message.subject(), message, replier);
        }
        return true;
    }

    private void answer(
            PendingRequest request, CharSequence subject, MessageView message, NatsMessage.Replier replier) {
        // Before anything is removed: what cannot be made leaves the request where it is.
        NatsMessage reply = new NatsMessage(subject, message.reply(), message.headers(), message.payload(), replier);
        if (remove(request, Ending.ANSWERED)) {
            counters.requestsAnswered.lazySet(counters.requestsAnswered.getPlain() + 1);
            if (request.place == null) {
                roundTrips.onReply(request.madeNs(), System.nanoTime());
            }
            succeed(request, reply);
        }
    }

    private static boolean isNoResponders(MessageView message) {
        byte[] headers = message.headers();
        int length = NO_RESPONDERS.length;
        return headers != null
                && headers.length >= length
                && Arrays.equals(headers, 0, length, NO_RESPONDERS, 0, length)
                && message.payload().length == 0;
    }

    private void onNoResponders(PendingRequest request) {
        if (resender.mayRetry(request) && sendAgain(request)) {
            counters.requestsRetried.incrementAndGet();
        } else {
            giveUp(request, NatsStatus.NO_RESPONDERS, "no responders are subscribed to \"" + request.subject + "\"");
        }
    }

    /**
     * On the event loop: the connection of that buffer is lost, what it had not written is in another buffer, and the
     * route leads away from it. Requests that were sent on it are sent again, fail, or go on waiting, as they were told.
     */
    public void onConnectionLost(OutboundBuffer lost) {
        List<PendingRequest> inOrder = pending.all();
        inOrder.sort(Comparator.comparingLong(request -> request.token));
        for (PendingRequest request : inOrder) {
            if (!request.detachFrom(lost)) {
                continue;
            }
            if (resender.mayResend(request) && sendAgain(request)) {
                counters.requestsResent.incrementAndGet();
            } else if (request.failsOnDisconnect) {
                giveUp(
                        request,
                        NatsStatus.CONNECTION_CLOSED,
                        "the connection was lost before the reply to \"" + request.subject + "\" came; "
                                + request.fate());
            }
        }
    }

    /** Ends a request for that reason, unless somebody else ends it. */
    void giveUp(PendingRequest request, NatsStatus status, String message) {
        if (remove(request)) {
            fail(request, request.failure(status, message));
        }
    }

    /** Sends it once more, under a token of its own; false when it cannot be sent now, or has just ended. */
    private boolean sendAgain(PendingRequest request) {
        // It cannot end meanwhile: a caller that waits goes on waiting, and leaves its payload alone.
        if (!hold(request)) {
            return false;
        }
        try {
            long token = request.secondToken();
            boolean sent = resender.send(request, inbox.prefix(), token);
            if (sent) {
                request.token = token;
            }
            return sent;
        } finally {
            letGo(request);
        }
    }

    /** On the event loop: ends the requests whose deadline has come; returns the nanoseconds until the next one may be due. */
    public long expire(long nowNs) {
        return deadlines.expire(nowNs, onDue);
    }

    private void onDue(PendingRequest request) {
        forget(request, Ending.EXPIRED);
        counters.requestsTimedOut.incrementAndGet();
        tell(request, request.failure(NatsStatus.TIMEOUT, request.describeTimeout()));
    }

    /** On the event loop: how long replies take. */
    public RoundTrips roundTrips() {
        return roundTrips;
    }

    /** What became of requests, publishes and messages until now. */
    public ClientTally tally() {
        return new ClientTally(
                counters.requestsTimedOut.get(),
                counters.requestsBuffered.get(),
                counters.requestBufferOverflows.get(),
                counters.publishesRefused.get(),
                counters.messagesDropped.get());
    }

    /** Ends a request whose deadline has come; false when somebody else ends it. */
    boolean timeOut(PendingRequest request) {
        if (!deadlines.remove(request)) {
            return false;
        }
        onDue(request);
        return true;
    }

    /** Ends every request there is, at the end of the client. */
    public void failAll(NatsStatus status, String message) {
        for (PendingRequest request : pending.all()) {
            if (remove(request, Ending.CLIENT_CLOSED)) {
                fail(request, request.failure(status, message + "; " + request.fate()));
            }
        }
    }

    private static void succeed(PendingRequest request, NatsMessage reply) {
        try {
            request.succeed(reply);
        } catch (RuntimeException | Error e) {
            Uncaught.report(e);
        }
    }

    /** Whoever has taken it out before its time says why. */
    void fail(PendingRequest request, NatsException why) {
        counters.requestsFailed.incrementAndGet();
        tell(request, why);
    }

    private static void tell(PendingRequest request, NatsException why) {
        try {
            request.fail(why);
        } catch (RuntimeException | Error e) {
            Uncaught.report(e);
        }
    }
}
