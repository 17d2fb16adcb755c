package io.mallard.rpc;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the calls for one server of a Pitaya cluster. Every call that is looked at is answered: with what its handler has returned, with what went wrong, or with
 * PIT-503 when as many are under way as may be. Its id stays the same when a nats-server leaves, so that nobody has to be told.
 *
 * <p>An answer leaves by the connection its call came by while that is there; but handlers do not hold it, and afterwards answers go where the
 * traffic goes. So the user of the client must be permitted to publish to the inboxes of its callers: {@code allow_responses} is not enough
 * while servers leave, as that right ends with the connection.
 *
 * <p>Threading: any thread. Handlers run on threads of the server's own, one call each.
 */
public final class RpcServer implements AutoCloseable {
    /** Longest time for a server to say that it knows a subscription. */
    static final Duration START_TIMEOUT =
            Duration.ofSeconds(15); // A server that is being left at that moment may take 10 s.

    static final byte[] ACK = "ack".getBytes(StandardCharsets.US_ASCII);

    private static final RpcResponse BUSY =
            RpcResponse.failed(RpcError.UNAVAILABLE, "The server is already processing the maximum amount of RPC's");
    private static final RpcResponse CLOSED = RpcResponse.failed(RpcError.UNAVAILABLE, "The server has shut down");
    /** What was thrown throws when it is asked what it is. */
    private static final RpcResponse UNTOLD = RpcResponse.failed(RpcError.INTERNAL, "the handler has failed");
    /** It may have been executed. */
    private static final RpcResponse UNFINISHED =
            RpcResponse.failed(RpcError.TIMEOUT, "The server has shut down before the call was done");

    private static final Logger LOG = LoggerFactory.getLogger("io.mallard.rpc");

    private final Map<String, RpcHandler> handlers;
    private final RpcServerOptions options;
    /** One for every handler that may begin. */
    private final Semaphore free;

    private final Set<Call> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ExecutorService executor;
    private final Subscription subscription;

    /**
     * Begins to take calls, with the defaults.
     *
     * @param client what it is reached by; who made it closes it, after this
     * @param self whose calls to take
     * @param handlers by {@code service.method}
     * @return the server, known to the nats-server it is connected to; the others of the cluster hear of it within moments
     * @throws RpcException if the subscription cannot be made
     */
    public static RpcServer start(NatsClient client, PitayaServer self, Map<String, RpcHandler> handlers) {
        return start(client, self, handlers, RpcServerOptions.DEFAULT);
    }

    /**
     * Begins to take calls.
     *
     * @param client what it is reached by; who made it closes it, after this
     * @param self whose calls to take
     * @param handlers by {@code service.method}
     * @param options how it works
     * @return the server, known to the nats-server it is connected to; the others of the cluster hear of it within moments
     * @throws RpcException if the subscription cannot be made
     */
    public static RpcServer start(
            NatsClient client, PitayaServer self, Map<String, RpcHandler> handlers, RpcServerOptions options) {
        RpcServer server = new RpcServer(client, self, handlers, options);
        try {
            client.flush(START_TIMEOUT);
            return server;
        } catch (NatsException e) {
            server.close();
            throw notSubscribed(self.subject(), e);
        }
    }

    private RpcServer(
            NatsClient client, PitayaServer self, Map<String, RpcHandler> handlers, RpcServerOptions options) {
        this.handlers = Map.copyOf(handlers);
        this.options = options;
        this.free = new Semaphore(options.maxCalls());
        // As many threads as may be needed for a moment: a call has ended a little before its thread is free.
        this.executor = Executors.newCachedThreadPool(
                options.threads() == null ? ownThreads("mallard-rpc-" + self.id()) : options.threads());
        try {
            this.subscription = client.subscribe(self.subject(), this::onMessage);
        } catch (NatsException e) {
            executor.shutdown();
            throw notSubscribed(self.subject(), e);
        }
    }

    private static ThreadFactory ownThreads(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    static RpcException notSubscribed(String subject, NatsException why) {
        return new RpcException(
                new RpcError(RpcError.INTERNAL, "Failed to create a new subscription at topic " + subject), why);
    }

    private void onMessage(NatsMessage message) {
        RpcRequest request;
        try {
            request = RpcRequest.decode(message.payload());
        } catch (RpcFormatException e) {
            Replies.send(message, Replies.to(e, message.subject()));
            return;
        }
        if (!free.tryAcquire()) {
            Replies.send(message, BUSY);
            return;
        }
        Call call = new Call(message, request);
        underWay.add(call);
        try {
            executor.execute(call);
        } catch (RejectedExecutionException e) {
            call.end(CLOSED);
        } catch (RuntimeException | Error e) { // No thread is to be had.
            call.end(Replies.to(e, message.subject()));
        }
    }

    /** One that is under way. */
    private final class Call implements Runnable {
        private final NatsMessage message;
        private final RpcRequest request;
        private final AtomicBoolean answered = new AtomicBoolean();

        Call(NatsMessage message, RpcRequest request) {
            this.message = message;
            this.request = request;
        }

        @Override
        public void run() {
            RpcResponse response = UNTOLD;
            try {
                response = process();
            } finally {
                end(response);
            }
        }

        void end(RpcResponse response) {
            free.release(); // First: whoever has the answer may make the next call.
            try {
                answer(response);
            } finally {
                underWay.remove(this);
            }
        }

        /** The first answer counts. */
        void answer(RpcResponse response) {
            if (!answered.getAndSet(true)) {
                Replies.send(message, response);
            }
        }

        private RpcResponse process() {
            String route = request.message().route();
            RpcHandler handler = handlers.get(lastTwo(route));
            if (handler == null) {
                String text = "remote/handler not found! remote/handler name: " + lastTwo(route);
                return RpcResponse.failed(new RpcError(RpcError.NOT_FOUND, text, Map.of("route", route)));
            }
            try {
                byte[] result = handler.handle(request);
                boolean notification = request.message().type() == RpcMessage.Type.NOTIFY;
                return RpcResponse.of(
                        notification ? ACK : Objects.requireNonNull(result, "the handler has returned null"));
            } catch (Throwable e) { // Whatever it is, the caller is told.
                return Replies.to(e, route);
            }
        }
    }

    /** {@code service.method} of {@code type.service.method}. */
    private static String lastTwo(String route) {
        int last = route.lastIndexOf('.');
        int before = last < 0 ? -1 : route.lastIndexOf('.', last - 1);
        return route.substring(before + 1);
    }

    /**
     * Calls under way now.
     *
     * @return how many
     */
    public int callsUnderWay() {
        return underWay.size();
    }

    /**
     * Takes no more calls and lets those under way end, for as long as the options say. Then those that are left are answered with
     * PIT-504, their handlers interrupted, and this returns. Another call of this does nothing.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        Duration timeout = options.shutdownTimeout();
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        try {
            awaitDrained(timeout);
            executor.shutdown(); // What comes now is refused, what is under way goes on.
            if (!executor.awaitTermination(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                LOG.warn("Server shut down after {} ms with {} calls under way", timeout.toMillis(), underWay.size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            underWay.forEach(call -> call.answer(UNFINISHED));
            executor.shutdownNow();
        }
    }

    private void awaitDrained(Duration timeout) throws InterruptedException {
        try {
            subscription.drain(timeout).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Calls may have come too late to be answered: {}", e.toString());
        }
    }
}
