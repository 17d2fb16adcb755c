package io.mallard.internal.request;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.RequestOptions;
import io.mallard.internal.route.Route;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request whose result goes to a future, completed on the executor so that what depends on it never runs on the
 * event loop.
 *
 * <p>Threading: as {@link PendingRequest}.
 */
final class AsyncRequest extends PendingRequest implements Runnable {
    final Reply future = new Reply();
    private final Consumer<PendingRequest> onUnwanted;
    private final Executor executor;
    // One of the two, once, by whoever ends the request; read by the executor.
    private @Nullable NatsMessage reply;
    private @Nullable NatsException failure;

    /** {@code onUnwanted} ends it, unless it has ended. */
    AsyncRequest(
            String subject,
            byte @Nullable [] headers,
            RequestOptions options,
            byte @Nullable [] payload,
            long timeoutNs,
            long nowNs,
            Consumer<PendingRequest> onUnwanted,
            Executor executor) {
        super(subject, headers, options, payload, timeoutNs, nowNs);
        this.onUnwanted = onUnwanted;
        this.executor = executor;
    }

    /** Whoever cancels or completes it wants no reply any more: the request ends, and is not sent if it still waits for that. */
    final class Reply extends CompletableFuture<NatsMessage> {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            onUnwanted.accept(AsyncRequest.this);
            return super.cancel(mayInterruptIfRunning);
        }

        @Override
        public boolean complete(NatsMessage value) {
            onUnwanted.accept(AsyncRequest.this);
            return super.complete(value);
        }

        @Override
        public boolean completeExceptionally(Throwable ex) {
            onUnwanted.accept(AsyncRequest.this);
            return super.completeExceptionally(ex);
        }

        /** What depends on it is nobody's request. */
        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }

        /** The request has ended by itself. */
        private void end(@Nullable NatsMessage message, @Nullable NatsException why) {
            if (why == null) {
                super.complete(message);
            } else {
                super.completeExceptionally(why);
            }
        }
    }

    @Override
    boolean isAbandoned() {
        return future.isDone();
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
        future.end(reply, failure);
    }
}
