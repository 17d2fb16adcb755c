package io.mallard.internal.subscribe;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.PendingOptions;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One subscription whose messages go to a subscriber of Reactive Streams, as many of them as it has requested.
 *
 * <p>Threading: as {@link ActiveSubscription}. The subscriber is given its subscription on the thread that subscribes it, and
 * every other signal on the executor, where the reader of the mailbox is never two at a time.
 */
public final class FlowSubscription extends ActiveSubscription implements Flow.Subscription {
    // Latch: once null, always null. It has cancelled, or was told of the end.
    private volatile Flow.@Nullable Subscriber<? super NatsMessage> subscriber;
    /** What it has ended by, if it is nothing good. */
    private volatile @Nullable Throwable failure;

    /** {@code executor}: one that does not refuse. */
    FlowSubscription(
            long sid,
            String subject,
            @Nullable String queue,
            Flow.Subscriber<? super NatsMessage> subscriber,
            Executor executor,
            PendingOptions limits,
            boolean tellsLimit,
            Client client,
            Consumer<ActiveSubscription> onGathering) {
        super(sid, subject, queue, message -> {}, executor, limits, tellsLimit, client, onGathering, refused -> {});
        this.subscriber = subscriber;
        mailbox.readOnDemand(this::onEnd);
    }

    /** Gives the subscriber its subscription, and then, unless it was cancelled, has the server told of it. */
    public void start(Consumer<FlowSubscription> begin) {
        Flow.Subscriber<? super NatsMessage> to = subscriber;
        if (to != null) {
            try {
                to.onSubscribe(this);
            } catch (RuntimeException | Error thrown) {
                onThrown(thrown);
            }
        }
        if (isActive()) {
            try {
                begin.accept(this);
                if (allowance().isLimited()) {
                    client.limit(this); // What was said of it before the server knew it was in vain.
                }
            } catch (NatsException e) {
                fail(e);
            }
        }
        mailbox.start();
    }

    @Override
    public void request(long messages) {
        if (messages < 1) {
            fail(new IllegalArgumentException("request(" + messages + "), must be >= 1 (Reactive Streams, rule 3.9)"));
        } else {
            mailbox.demand(messages);
        }
    }

    @Override
    public void cancel() {
        subscriber = null;
        unsubscribe();
    }

    @Override
    public void onFailure(NatsException why) {
        fail(why);
    }

    private void fail(Throwable why) {
        failure = why;
        unsubscribe();
    }

    @Override
    void handle(NatsMessage message) {
        Flow.Subscriber<? super NatsMessage> to = subscriber;
        if (to != null) {
            try {
                to.onNext(message);
            } catch (RuntimeException | Error thrown) {
                onThrown(thrown);
            }
        }
    }

    /** The last signal. What had arrived and was not handed over makes it an error: nobody is told that it is complete. */
    private void onEnd() {
        Flow.Subscriber<? super NatsMessage> to = subscriber;
        if (to == null) {
            return;
        }
        try {
            Throwable why = failure;
            long dropped = droppedAtEnd();
            if (why != null) {
                to.onError(why);
            } else if (dropped > 0) {
                to.onError(new NatsException(
                        endedBy(),
                        this + " has ended: " + dropped
                                + " messages that have arrived were not requested in time and are" + " dropped"));
            } else {
                to.onComplete();
            }
        } catch (RuntimeException | Error thrown) {
            client.onHandlerFailure(this, thrown);
        } finally {
            subscriber = null;
        }
    }

    /** Rule 2.13: a subscriber that throws has cancelled. */
    private void onThrown(Throwable thrown) {
        cancel();
        client.onHandlerFailure(this, thrown);
    }

    /** Only when it was told of the end, too. */
    @Override
    public boolean isHandled() {
        return super.isHandled() && subscriber == null;
    }
}
