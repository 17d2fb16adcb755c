package io.mallard.internal.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.MessageHandler;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.PendingPolicy;
import io.mallard.Subscription;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.protocol.wire.MessageView;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One subscription: what the server must be told of it, and the way of its messages to the handler.
 *
 * <p>Threading: {@link #read} and {@link #deliver} on the event loop; the handler on the executor; the rest from any thread.
 */
public class ActiveSubscription implements Subscription {
    /** What the subscription needs from its client. */
    public interface Client {
        /** The user ended the subscription. From any thread. */
        void unsubscribe(ActiveSubscription subscription);

        /** The user has limited the subscription. From any thread. */
        void limit(ActiveSubscription subscription);

        /** The user ends the subscription gently. From any thread. */
        CompletableFuture<Void> drain(ActiveSubscription subscription, Duration timeout);

        /** The subscription has had all its messages. On the event loop. */
        void onUsedUp(ActiveSubscription subscription);

        /** The handler is too slow, and messages were thrown away: the first ones of an episode, or more. */
        void onDropped(ActiveSubscription subscription, int messages, boolean first);

        /** Whether it would stop all others if this thread waited. */
        boolean isOnEventLoop();

        /** The handler has thrown, or the executor has no thread for it now and its messages wait. */
        void onHandlerFailure(ActiveSubscription subscription, Throwable failure);
    }

    private final long sid;
    private final String subject;
    private final byte[] subjectBytes;
    private final @Nullable String queue;
    private final MessageHandler handler;
    final Client client;
    private final Consumer<ActiveSubscription> onGathering;
    final Mailbox mailbox;
    private final Allowance allowance;
    private final AtomicLong dropped = new AtomicLong();
    // Latch: once false, always false.
    private volatile boolean active = true;
    /** Why nothing comes any more, once that is so. */
    private volatile NatsStatus end = NatsStatus.OK;
    // Owned by the event loop.
    private boolean slow;
    /** What was delivered in this turn is to be handed over. */
    private boolean gathering;
    // Latch: once true, always true. The server that has it is told to forget it, and no other one is told of it.
    private boolean draining;
    // Latch: once true, always true. Somebody sees to its gentle end.
    private boolean ending;
    /** The connection that alone has it, wherever the others are; null as a rule. */
    private @Nullable OutboundBuffer onlyOn;

    /**
     * @param executor where the handler runs; null if there is none
     * @param tellsLimit whether servers are told how many messages it is limited to, if it is a plain one
     * @param onGathering told, on the event loop, that there is something to {@link #handOver} at the end of this turn
     * @param onRefused told, on the event loop, that the executor is to be asked again: {@link #retry}
     */
    ActiveSubscription(
            long sid,
            String subject,
            @Nullable String queue,
            MessageHandler handler,
            @Nullable Executor executor,
            PendingOptions limits,
            boolean tellsLimit,
            Client client,
            Consumer<ActiveSubscription> onGathering,
            Consumer<ActiveSubscription> onRefused) {
        this.sid = sid;
        this.subject = subject;
        this.subjectBytes = subject.getBytes(UTF_8);
        this.queue = queue;
        this.handler = handler;
        this.client = client;
        this.onGathering = onGathering;
        this.allowance = new Allowance(queue != null, tellsLimit);
        this.mailbox = new Mailbox(
                executor,
                this::handle,
                failure -> {
                    onRefused.accept(this);
                    client.onHandlerFailure(this, failure);
                },
                limits);
    }

    public long sid() {
        return sid;
    }

    @Override
    public String subject() {
        return subject;
    }

    @Override
    public @Nullable String queue() {
        return queue;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public long pendingMessages() {
        return mailbox.pending();
    }

    @Override
    public long pendingBytes() {
        return mailbox.pendingBytes();
    }

    @Override
    public long droppedMessages() {
        return dropped.get();
    }

    @Override
    public void unsubscribe() {
        client.unsubscribe(this);
    }

    @Override
    public void unsubscribe(long max) {
        if (max < 1) {
            throw new NatsException(NatsStatus.INVALID_ARG, "max=" + max + ", must be >= 1");
        }
        allowance.limitTo(max);
        client.limit(this);
    }

    @Override
    public CompletableFuture<Void> drain(Duration timeout) {
        return client.drain(this, timeout);
    }

    @Override
    public void setPendingLimits(int maxMessages, long maxBytes) {
        setPendingLimits(maxMessages, maxBytes, mailbox.limits().policy());
    }

    @Override
    public void setPendingLimits(int maxMessages, long maxBytes, PendingPolicy policy) {
        if (maxMessages < 1 || maxBytes < 1) {
            throw new NatsException(
                    NatsStatus.INVALID_ARG,
                    "maxMessages=" + maxMessages + ", maxBytes=" + maxBytes + ", both must be >= 1");
        }
        mailbox.limitTo(new PendingOptions(maxMessages, maxBytes, policy));
    }

    /** Where it alone is, as long as that connection is neither lost nor left. On the event loop. */
    public @Nullable OutboundBuffer onlyOn() {
        return onlyOn;
    }

    void onlyOn(@Nullable OutboundBuffer connection) {
        onlyOn = connection;
    }

    /** Whether it is a part of a request, which ends it. */
    public boolean isOfRequest() {
        return false;
    }

    /** Whether what has arrived is handled without anybody asking for it. */
    boolean hasHandler() {
        return true;
    }

    /** How many messages that had arrived were dropped because it was ended before they were handled. */
    public long droppedAtEnd() {
        return mailbox.dropped();
    }

    /** Somebody is going to end it gently; false if somebody is at it already. On the event loop. */
    public boolean beginsToEnd() {
        boolean news = !ending;
        ending = true;
        return news;
    }

    /** From now on no other server is told of it. On the event loop. */
    public void beginDrain() {
        draining = true;
    }

    /** Whether another server may have it. */
    boolean isDraining() {
        return draining;
    }

    /** Whether the handler has returned from everything that has arrived. */
    public boolean isHandled() {
        return mailbox.isIdle();
    }

    /** On the event loop. */
    Allowance allowance() {
        return allowance;
    }

    /** A server has delivered a message of it: {@code there}, if it is the one that the subscription moves to. */
    public void onArrived(boolean there) {
        allowance.onArrived(there);
    }

    /** Makes of what the parser has a message that lasts. */
    public NatsMessage read(MessageView message, NatsMessage.Replier replier) {
        // Without wildcards every message has the subject subscribed to, and one string serves all.
        String exact = message.subjectEquals(subjectBytes) ? subject : message.subject();
        return new NatsMessage(exact, message.reply(), message.headers(), message.payload(), replier);
    }

    /** Hands a message to the handler, as far as there is room for it. */
    public void deliver(NatsMessage message) {
        if (!active) {
            return;
        }
        int lost = mailbox.offer(message);
        if (lost == 0) {
            slow = slow && !mailbox.isHalfEmpty();
        } else {
            onLost(lost);
        }
        gather();
        allowance.onDelivered();
        endIfUsedUp();
    }

    private void gather() {
        if (mailbox.isUrgent()) {
            mailbox.handOver();
        } else if (!gathering) {
            gathering = true;
            onGathering.accept(this);
        }
    }

    /** At the end of a turn: what was delivered in it goes to the handler. */
    void handOver() {
        gathering = false;
        mailbox.handOver();
    }

    private void onLost(int messages) {
        dropped.addAndGet(messages);
        boolean first = !slow;
        slow = true;
        client.onDropped(this, messages, first);
    }

    /** On the event loop. */
    public void endIfUsedUp() {
        if (active && allowance.isUsedUp()) {
            client.onUsedUp(this);
        }
    }

    /** Remembers what has arrived until now, for {@link #isAnswering}. */
    void markAnswers() {
        mailbox.markAnswers();
    }

    /** Whether a message that wants an answer and had arrived at the mark is still to be handled. */
    boolean isAnswering() {
        return mailbox.isAnswering();
    }

    /** Asks the executor again that had no thread for the handler; false when it must be asked once more. */
    boolean retry() {
        return mailbox.isClosed() || mailbox.retry();
    }

    /** The server does not let it receive, or the client gives up: nothing more is to be expected. On the event loop. */
    public void onFailure(NatsException why) {
        // Whoever has a handler has a listener, too.
    }

    /** Does with a message what it is for. On the executor. */
    void handle(NatsMessage message) {
        try {
            handler.onMessage(message);
        } catch (Exception | Error failure) {
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            client.onHandlerFailure(this, failure);
        }
    }

    /** On the event loop: nothing arrives any more; what has arrived goes to the handler. */
    void complete() {
        end = allowance.isUsedUp() ? NatsStatus.MAX_DELIVERED_MSGS : NatsStatus.INVALID_SUBSCRIPTION;
        active = false;
        mailbox.finish();
    }

    /** Nothing is delivered any more. */
    void end(NatsStatus why) {
        end = why;
        active = false;
        abandon();
    }

    /** Why nothing comes any more. */
    NatsStatus endedBy() {
        return end;
    }

    /** What has arrived and waits for the handler is dropped. */
    public void abandon() {
        mailbox.close();
    }

    @Override
    public String toString() {
        return "Subscription[sid=" + sid + ", subject=" + subject + ", queue=" + queue + "]";
    }
}
