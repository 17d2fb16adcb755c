package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.RequestOptions;
import io.mallard.internal.route.Route;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A request whose result goes to a future, completed on the executor so that what depends on it never runs on the
 * event loop.
 *
 * <p>Threading: as {@link PendingRequest}.
 */
final class AsyncRequest extends PendingRequest implements Runnable {
    final CompletableFuture<NatsMessage> future = new CompletableFuture<>();
    private final Executor executor;
    // One of the two, once, by whoever ends the request; read by the executor.
    private @Nullable NatsMessage reply;
    private @Nullable NatsException failure;

    AsyncRequest(
            String subject,
            byte @Nullable [] headers,
            RequestOptions options,
            byte @Nullable [] payload,
            long timeoutNs,
            long nowNs,
            Executor executor) {
        super(subject, headers, options, payload, timeoutNs, nowNs);
        this.executor = executor;
    }

    /** Whoever completes or cancels the future wants no reply any more. */
    @Override
    void watch(RequestTable table) {
        CompletableFuture<NatsMessage> unused = future.whenComplete((reply, failure) -> table.remove(this));
    }

    /** Its caller goes on, maybe to send the next one. */
    @Override
    void flush(Route route) {
        route.flushSoon();
    }

    @Override
    void succeed(NatsMessage message) {
        reply = message;
        executor.execute(this);
    }

    @Override
    void fail(NatsException why) {
        failure = why;
        executor.execute(this);
    }

    /** Completes the future, on the executor. */
    @Override
    public void run() {
        if (failure == null) {
            future.complete(reply);
        } else {
            future.completeExceptionally(failure);
        }
    }
}
