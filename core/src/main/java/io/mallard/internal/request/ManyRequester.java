package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.RequestManyEnd;
import io.mallard.RequestManyOptions;
import io.mallard.SyncSubscription;
import io.mallard.internal.publish.Publisher;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks once and takes several replies (ADR-47), on a subscription for each request: as such it moves with the others, and what
 * comes over two connections meanwhile is made one stream.
 *
 * <p>Threading: any thread but the event loop, on which each request keeps its caller.
 */
public final class ManyRequester {
    private static final int NO_RESPONDERS = 503;

    private final Inbox inbox;
    private final BooleanSupplier inLoop;
    private final Function<String, SyncSubscription> subscriber;
    private final Publisher publisher;
    private final BooleanSupplier lameDuckMode;
    private final AtomicLong lastNumber = new AtomicLong();

    /** {@code inbox} is nobody else's. */
    public ManyRequester(
            Inbox inbox,
            BooleanSupplier inLoop,
            Function<String, SyncSubscription> subscriber,
            Publisher publisher,
            BooleanSupplier lameDuckMode) {
        this.inbox = inbox;
        this.inLoop = inLoop;
        this.subscriber = subscriber;
        this.publisher = publisher;
        this.lameDuckMode = lameDuckMode;
    }

    /** {@code onReply} says whether it wants more; {@code headers} are as they go out, or null. */
    public RequestManyEnd request(
            String subject,
            byte @Nullable [] headers,
            byte[] payload,
            RequestManyOptions options,
            Predicate<NatsMessage> onReply) {
        if (inLoop.getAsBoolean()) {
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE, "a request for several replies on the event loop would wait for itself");
        }
        SyncSubscription replies = subscriber.apply(inbox.subject(lastNumber.incrementAndGet()));
        try {
            Runnable ask = () -> publisher.publish(subject, replies.subject(), headers, payload, 0, payload.length);
            ask.run();
            return take(replies, subject, options, onReply, ask);
        } finally {
            replies.unsubscribe();
        }
    }

    private RequestManyEnd take(
            SyncSubscription replies,
            String subject,
            RequestManyOptions options,
            Predicate<NatsMessage> onReply,
            Runnable ask) {
        long leftNs = Requester.boundedNs(options.timeout());
        long stallNs = options.stall() == null ? leftNs : Requester.boundedNs(options.stall());
        boolean believed = false;
        for (int received = 0; received < options.maxReplies(); ) {
            boolean mayStall = received > 0 && stallNs < leftNs;
            long beganNs = System.nanoTime();
            NatsMessage reply = replies.nextMessage(Duration.ofNanos(mayStall ? stallNs : leftNs));
            leftNs -= System.nanoTime() - beganNs;
            if (reply == null) {
                return mayStall ? RequestManyEnd.STALLED : RequestManyEnd.TIMED_OUT;
            }
            if (isNoResponders(reply)) {
                if (believed || !lameDuckMode.getAsBoolean()) {
                    throw new NatsException(
                            NatsStatus.NO_RESPONDERS, "no responders are subscribed to \"" + subject + "\"");
                }
                believed = true; // The second time: the server may not have heard yet of those that are moving, too.
                ask.run();
                continue;
            }
            if (options.endsWithEmpty() && reply.payload().length == 0) {
                return RequestManyEnd.SENTINEL;
            }
            if (!onReply.test(reply)) {
                return RequestManyEnd.STOPPED;
            }
            received++;
        }
        return RequestManyEnd.MAX_REPLIES;
    }

    private static boolean isNoResponders(NatsMessage reply) {
        return reply.payload().length == 0 && reply.headers().status() == NO_RESPONDERS;
    }
}
