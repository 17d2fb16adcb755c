package io.mallard;

import io.mallard.internal.ClientDrain;
import io.mallard.internal.Conductor;
import io.mallard.internal.DependableExecutor;
import io.mallard.internal.StandbyView;
import io.mallard.internal.SubscriptionEvents;
import io.mallard.internal.auth.Authenticator;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.connection.Proxy;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.connection.SocketDialer;
import io.mallard.internal.connection.TlsUpgrade;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.outbound.AwaitedPing;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.request.Completions;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.ManyRequester;
import io.mallard.internal.request.RequestBuffer;
import io.mallard.internal.request.RequestTable;
import io.mallard.internal.request.Requester;
import io.mallard.internal.request.Resender;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.ConnectInfo;
import io.mallard.protocol.wire.ServerInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client of a NATS cluster, whose traffic moves to another server when its own enters lame duck mode.
 *
 * <pre>{@code
 * try (NatsClient client = NatsClient.connect("nats://localhost:4222")) {
 *     client.subscribe("greet.*", message -> client.publish(message.reply(), "hello".getBytes()));
 *     NatsMessage answer = client.request("greet.anna", new byte[0], Duration.ofSeconds(1));
 * }
 * }</pre>
 *
 * <p>Threading: every method may be called from any thread. Each client has one daemon thread for all its sockets, and
 * daemon threads for handlers that have something to do.
 */
public final class NatsClient implements AutoCloseable {
    /** What the client says of itself in CONNECT. */
    private static final String VERSION = "0.1.0";

    private static final long EXECUTOR_IDLE_S = 10;
    /** On top of the flush: what the loop needs to notice that it is over. */
    private static final long CLOSE_SLACK_NS = TimeUnit.SECONDS.toNanos(2);
    /** What the loop needs to notice that a move has failed. */
    private static final Duration MOVE_SLACK = Duration.ofSeconds(1);

    private static final long DO_NOT_WAIT = 0;
    /** Everybody's messages wait for the loop: so much of that can be noticed. */
    private static final long LONG_TURN_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final NatsOptions options;
    private final long madeNs;
    private final EventLoop loop;
    private final ExecutorService ownExecutor;
    /** Where handlers run. */
    private final Executor executor;
    /** The same, and a thread of the client's own when that one refuses. */
    private final Executor dependable;

    private final Completions completions;
    private final RequestBuffer requestBuffer;
    private final Router router;
    private final Publisher publisher;
    private final Requester requester;
    private final ManyRequester manyRequester;
    private final RequestTable requests;
    private final SubscriptionRegistry subscriptions;
    private final SubscriptionEvents subscriptionEvents;
    private final Counters counters = new Counters();
    private final TrafficCounters traffic = new TrafficCounters();
    private final EventLog log;
    private final ListenerNotifier listener;
    private final Authenticator authenticator;
    private final TlsUpgrade tls;
    private final Conductor conductor;
    private final ClientDrain clientDrain;
    /** Of the connection that stood by when somebody last asked. */
    private volatile @Nullable StandbyView standbyView;

    /** {@code dialer} makes the connections of that loop; it may leave that to the one it is given, which opens sockets. */
    private NatsClient(NatsOptions options, EventLog log, BiFunction<EventLoop, Dialer, Dialer> dialer)
            throws IOException {
        long nowNs = System.nanoTime();
        this.options = options;
        this.madeNs = nowNs;
        this.log = log;
        this.subscriptions =
                new SubscriptionRegistry(options.pending(), options.connection().echo());
        this.loop = new EventLoop("mallard-" + options.name() + "-loop", log::unexpected);
        ThreadFactory ownThreads = ownThreads(options.name());
        this.ownExecutor = newExecutor(ownThreads);
        this.executor = options.executor().orElse(ownExecutor);
        this.dependable = new DependableExecutor(executor, ownThreads);
        // For what a handler may wait for: the user's executor may have no other thread.
        Executor ownDependable = new DependableExecutor(ownExecutor, ownThreads);
        this.completions = new Completions(dependable, ownDependable, loop::inLoop, loop::wakeup);
        this.listener = new ListenerNotifier(options.listener(), dependable, log);
        this.router = new Router(Route.offline(
                OutboundBuffer.offline(options.reconnect().bufferBytes()), ServerInfo.DEFAULT_MAX_PAYLOAD));
        this.publisher = new Publisher(
                router, loop, options.connection().publishTimeout().toNanos(), this::onPublishRefused);
        this.requests = new RequestTable(
                new Inbox(options.inboxPrefix(), new SecureRandom()),
                new Resender(router, this::isInLameDuckMode),
                counters,
                nowNs);
        Completions logLines =
                new Completions(dependable, ownDependable, () -> false, loop::wakeup); // Handed over at once.
        this.requestBuffer =
                new RequestBuffer(requests, router, loop::wakeup, counters, log, logLines, options.requestBuffer());
        this.requester = new Requester(requests, requestBuffer, router, loop, completions, this::isInLameDuckMode, log);
        this.authenticator = new Authenticator(connectInfo(options), options, ownExecutor);
        this.tls = new TlsUpgrade(options.tls(), options.addresses(options.servers()), ownExecutor);
        this.conductor = new Conductor(
                loop,
                options,
                router,
                subscriptions,
                requests,
                publisher,
                dialer.apply(
                        loop,
                        new SocketDialer(
                                loop,
                                ownExecutor,
                                authenticator,
                                options.connection(),
                                traffic,
                                tls,
                                options.proxy().map(Proxy::parse).orElse(null))),
                dependable,
                listener,
                log,
                counters,
                nowNs);
        this.subscriptionEvents = new SubscriptionEvents(
                subscriptions,
                router,
                loop,
                conductor,
                ownDependable,
                options.connection().publishTimeout().toNanos(),
                listener,
                log,
                counters);
        this.manyRequester = new ManyRequester(
                new Inbox(options.inboxPrefix(), new SecureRandom()),
                loop::inLoop,
                inbox -> enter(subscriptions.addOfRequest(inbox, subscriptionEvents)),
                publisher,
                this::isInLameDuckMode);
        this.clientDrain = new ClientDrain(loop, subscriptionEvents, conductor, requestBuffer::size, ownDependable);
    }

    private void onPublishRefused(Route full) {
        counters.publishesRefused.incrementAndGet();
        boolean offline = full.kind() == Route.Kind.OFFLINE;
        if (offline && full.outbound().onOverflow() && isInLameDuckMode()) {
            log.reconnectBufferFull();
        }
    }

    private static ConnectInfo connectInfo(NatsOptions options) {
        return ConnectInfo.builder()
                .name(options.name())
                .version(VERSION)
                .tlsRequired(options.tls().isRequired())
                .echo(options.connection().echo())
                .build();
    }

    private static ThreadFactory ownThreads(String name) {
        AtomicInteger threads = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "mallard-" + name + "-dispatch-" + threads.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private static ExecutorService newExecutor(ThreadFactory threads) {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, EXECUTOR_IDLE_S, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
    }

    /** What the loop does in every turn. */
    private final class Duties implements EventLoop.Agent {
        @Override
        public long onTick(long nowNs) {
            long waitNs = conductor.onTick(nowNs);
            waitNs = Math.min(waitNs, requestBuffer.onTick(nowNs)); // Where the conductor has moved the traffic.
            waitNs = Math.min(waitNs, subscriptions.onTick());
            if (!conductor.isAbandoned()) { // Or what it drops would look drained; onEnd says that it is not.
                waitNs = Math.min(waitNs, subscriptionEvents.onTick(nowNs));
                waitNs = Math.min(waitNs, clientDrain.onTick(nowNs));
            }
            return Math.min(waitNs, completions.onTick(nowNs));
        }

        @Override
        public void onTurnEnd(long tookNs) {
            if (tookNs >= LONG_TURN_NS) {
                log.longLoopTurn(tookNs);
                counters.longLoopTurns.incrementAndGet();
            }
        }

        @Override
        public void onEnd() {
            conductor.onEnd();
            subscriptionEvents.onEnd();
            clientDrain.onEnd();
            ownExecutor.shutdown(); // What it has begun it ends.
        }
    }

    /**
     * Connects with every option at its default.
     *
     * @param servers where to start: {@code nats://host:port}, one, several, or one string with commas
     * @return a connected client
     * @throws NatsException when no server could be connected to, naming each with its reason
     */
    public static NatsClient connect(String... servers) {
        return connect(NatsOptions.builder().servers(servers).build());
    }

    /**
     * Connects: tries every server once, each for at most {@code connectTimeout}. With {@code retryOnInitialConnect} the
     * client is returned all the same if none takes it, and tries on as after a loss: what is published, asked and
     * subscribed to waits for a connection, {@link #flush} waits for one too, and {@link ClientListener#onConnected} tells
     * of it.
     *
     * @param options how
     * @return a connected client
     * @throws NatsException when no server could be connected to, naming each with its reason; with
     *     {@code retryOnInitialConnect} only if every server refuses the credentials, or its certificate is not accepted
     */
    public static NatsClient connect(NatsOptions options) {
        EventLog log = new EventLog(options.loggerName(), options.name());
        NatsClient client = connect(options, log, (loop, sockets) -> sockets);
        if (options.hotSwap().enabled()) {
            Rehearsal.begin(log);
        }
        return client;
    }

    static NatsClient connect(NatsOptions options, EventLog log, BiFunction<EventLoop, Dialer, Dialer> dialer) {
        NatsClient client;
        try {
            client = new NatsClient(options, log, dialer);
        } catch (IOException e) {
            throw new NatsException(NatsStatus.ERR, "the operating system refuses a selector: " + e.getMessage(), e);
        }
        client.log.starting(TextOption.say(options));
        client.loop.start(client.new Duties());
        try {
            client.conductor.started().get();
            return client;
        } catch (ExecutionException e) {
            client.close();
            throw e.getCause() instanceof NatsException failure
                    ? new NatsException(failure.status(), String.valueOf(failure.getMessage()), failure.getCause())
                    : new NatsException(NatsStatus.ERR, "could not start", e.getCause());
        } catch (InterruptedException e) {
            client.close();
            Thread.currentThread().interrupt();
            throw new NatsException(NatsStatus.ERR, "interrupted while connecting", e);
        }
    }

    /**
     * Publishes. The payload is copied before this returns.
     *
     * @param subject where to
     * @param payload what
     * @throws NatsException INVALID_SUBJECT, MAX_PAYLOAD; INSUFFICIENT_BUFFER when there is no connection and the
     *     reconnect buffer is full; TIMEOUT when the server takes nothing for {@code publishTimeout}; DRAINING towards the
     *     end of a {@link #drain}; CONNECTION_CLOSED
     */
    public void publish(String subject, byte[] payload) {
        publisher.publish(subject, null, payload, 0, payload.length);
    }

    /**
     * Publishes and says where an answer is expected.
     *
     * @param subject where to
     * @param reply where an answer is expected, or null
     * @param payload what
     * @throws NatsException as {@link #publish(String, byte[])}
     */
    public void publish(String subject, @Nullable String reply, byte[] payload) {
        publisher.publish(subject, reply, payload, 0, payload.length);
    }

    /**
     * Publishes with headers.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what
     * @throws NatsException as {@link #publish(String, byte[])}, where MAX_PAYLOAD counts headers and payload;
     *     NO_SERVER_SUPPORT when the server takes no headers
     */
    public void publish(String subject, Headers headers, byte[] payload) {
        publisher.publish(subject, null, headers.block(), payload, 0, payload.length);
    }

    /**
     * Publishes with headers and says where an answer is expected.
     *
     * @param subject where to
     * @param reply where an answer is expected, or null
     * @param headers what to say beside the payload
     * @param payload what
     * @throws NatsException as {@link #publish(String, Headers, byte[])}
     */
    public void publish(String subject, @Nullable String reply, Headers headers, byte[] payload) {
        publisher.publish(subject, reply, headers.block(), payload, 0, payload.length);
    }

    /**
     * Publishes a part of an array.
     *
     * @param subject where to
     * @param reply where an answer is expected, or null
     * @param payload what
     * @param offset first byte of it
     * @param length number of bytes of it
     * @throws NatsException as {@link #publish(String, byte[])}
     */
    public void publish(String subject, @Nullable String reply, byte[] payload, int offset, int length) {
        publisher.publish(subject, reply, payload, offset, length);
    }

    /**
     * Publishes what remains of a buffer, whose position stays where it is.
     *
     * @param subject where to
     * @param payload what
     * @throws NatsException as {@link #publish(String, byte[])}
     */
    public void publish(String subject, ByteBuffer payload) {
        publisher.publish(subject, null, null, payload);
    }

    /**
     * Publishes with headers what remains of a buffer, whose position stays where it is.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what
     * @throws NatsException as {@link #publish(String, Headers, byte[])}
     */
    public void publish(String subject, Headers headers, ByteBuffer payload) {
        publisher.publish(subject, null, headers.block(), payload);
    }

    /**
     * Publishes without ever waiting, and without an exception for what a busy or broken link makes usual.
     *
     * @param subject where to
     * @param payload what
     * @return OK; INSUFFICIENT_BUFFER, MAX_PAYLOAD, DRAINING or CONNECTION_CLOSED, and nothing was published
     * @throws NatsException INVALID_SUBJECT
     */
    public NatsStatus tryPublish(String subject, byte[] payload) {
        return publisher.tryPublish(subject, null, null, payload, 0, payload.length);
    }

    /**
     * Publishes with headers without ever waiting.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what
     * @return as {@link #tryPublish(String, byte[])}; NO_SERVER_SUPPORT when the server takes no headers
     * @throws NatsException INVALID_SUBJECT
     */
    public NatsStatus tryPublish(String subject, Headers headers, byte[] payload) {
        return publisher.tryPublish(subject, null, headers.block(), payload, 0, payload.length);
    }

    /**
     * Publishes a part of an array without ever waiting.
     *
     * @param subject where to
     * @param reply where an answer is expected, or null
     * @param payload what
     * @param offset first byte of it
     * @param length number of bytes of it
     * @return as {@link #tryPublish(String, byte[])}
     * @throws NatsException INVALID_SUBJECT
     */
    public NatsStatus tryPublish(String subject, @Nullable String reply, byte[] payload, int offset, int length) {
        return publisher.tryPublish(subject, reply, null, payload, offset, length);
    }

    /**
     * Sends a request and waits for one reply. A move to another server meanwhile does not disturb it.
     *
     * @param subject where to
     * @param payload what; not to be changed until this returns
     * @param timeout longest time to wait
     * @return the reply
     * @throws NatsException as {@link #request(String, byte[], RequestOptions)}
     */
    public NatsMessage request(String subject, byte[] payload, Duration timeout) {
        return requester.request(subject, payload, RequestOptions.timeout(timeout));
    }

    /**
     * Sends a request and waits for one reply. What does not need its caller is done without it: a move to another
     * server does not disturb it, and a request of which the server has not got every byte moves to the next connection.
     * While there is no connection, requests wait for one in the request buffer and are sent in the order they were
     * made, see {@link RequestBufferOptions}. When nobody seems to listen while a server is being left, it is sent a second time before that is believed.
     *
     * @param subject where to
     * @param payload what; not to be changed until this returns
     * @param options how long to wait, and what to do when the connection it was sent on is lost
     * @return the reply
     * @throws NatsException TIMEOUT, saying whether the request was sent and may have been executed; NO_RESPONDERS at
     *     once when nobody listens; INSUFFICIENT_BUFFER when there is no connection and the request buffer is full, or
     *     ILLEGAL_STATE if there is none; CONNECTION_CLOSED when the client is closed, or at the loss of the connection if
     *     the options say so; and as {@link #publish(String, byte[])}
     */
    public NatsMessage request(String subject, byte[] payload, RequestOptions options) {
        return requester.request(subject, payload, options);
    }

    /**
     * Sends a request with headers and waits for one reply, otherwise as {@link #request(String, byte[], Duration)}.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what; not to be changed until this returns
     * @param timeout longest time to wait
     * @return the reply
     * @throws NatsException as {@link #request(String, Headers, byte[], RequestOptions)}
     */
    public NatsMessage request(String subject, Headers headers, byte[] payload, Duration timeout) {
        return requester.request(subject, headers.block(), payload, RequestOptions.timeout(timeout));
    }

    /**
     * Sends a request with headers and waits for one reply, otherwise as {@link #request(String, byte[],
     * RequestOptions)}.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what; not to be changed until this returns
     * @param options how long to wait, and what to do when the connection it was sent on is lost
     * @return the reply
     * @throws NatsException as {@link #request(String, byte[], RequestOptions)}, where MAX_PAYLOAD counts headers and
     *     payload; NO_SERVER_SUPPORT when the server takes no headers
     */
    public NatsMessage request(String subject, Headers headers, byte[] payload, RequestOptions options) {
        return requester.request(subject, headers.block(), payload, options);
    }

    /**
     * Sends a request; the reply goes to a future.
     *
     * @param subject where to
     * @param payload what; copied before this returns
     * @param timeout longest time until the future completes
     * @return completes on the executor, exceptionally with what {@link #request(String, byte[], Duration)} throws
     * @throws NatsException INVALID_SUBJECT, INVALID_ARG, MAX_PAYLOAD
     */
    public CompletableFuture<NatsMessage> requestAsync(String subject, byte[] payload, Duration timeout) {
        return requester.requestAsync(subject, payload, RequestOptions.timeout(timeout));
    }

    /**
     * Sends a request; the reply goes to a future. One that was sent before a server began to leave is not sent a
     * second time when nobody seems to listen, unless it is idempotent: its payload is not kept.
     *
     * @param subject where to
     * @param payload what; copied before this returns
     * @param options how long to wait, and what to do when the connection it was sent on is lost
     * @return completes on the executor, exceptionally with what {@link #request(String, byte[], RequestOptions)} throws
     * @throws NatsException INVALID_SUBJECT, INVALID_ARG, MAX_PAYLOAD
     */
    public CompletableFuture<NatsMessage> requestAsync(String subject, byte[] payload, RequestOptions options) {
        return requester.requestAsync(subject, payload, options);
    }

    /**
     * Sends a request with headers; the reply goes to a future. Otherwise as {@link #requestAsync(String, byte[],
     * Duration)}.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what; copied before this returns
     * @param timeout longest time until the future completes
     * @return completes on the executor, exceptionally with what {@link #request(String, Headers, byte[], Duration)}
     *     throws
     * @throws NatsException INVALID_SUBJECT, INVALID_ARG, MAX_PAYLOAD, NO_SERVER_SUPPORT
     */
    public CompletableFuture<NatsMessage> requestAsync(
            String subject, Headers headers, byte[] payload, Duration timeout) {
        return requester.requestAsync(subject, headers.block(), payload, RequestOptions.timeout(timeout));
    }

    /**
     * Sends a request with headers; the reply goes to a future. Otherwise as {@link #requestAsync(String, byte[],
     * RequestOptions)}.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what; copied before this returns
     * @param options how long to wait, and what to do when the connection it was sent on is lost
     * @return completes on the executor, exceptionally with what {@link #request(String, Headers, byte[],
     *     RequestOptions)} throws
     * @throws NatsException INVALID_SUBJECT, INVALID_ARG, MAX_PAYLOAD, NO_SERVER_SUPPORT
     */
    public CompletableFuture<NatsMessage> requestAsync(
            String subject, Headers headers, byte[] payload, RequestOptions options) {
        return requester.requestAsync(subject, headers.block(), payload, options);
    }

    /**
     * Sends a request and takes several replies. Handovers do not disturb it; what comes while there is no connection is lost.
     *
     * @param subject where to
     * @param payload what; copied before the first reply
     * @param options when there are enough
     * @return the replies in the order they came; none if none has come in time
     * @throws NatsException as {@link #requestMany(String, byte[], RequestManyOptions, Predicate)}
     */
    public List<NatsMessage> requestMany(String subject, byte[] payload, RequestManyOptions options) {
        List<NatsMessage> replies = new ArrayList<>();
        requestMany(subject, payload, options, replies::add);
        return replies;
    }

    /**
     * Sends a request and hands over several replies as they come, on the calling thread. While it takes one, others wait
     * within the limits of any subscription.
     *
     * @param subject where to
     * @param payload what; copied before the first reply
     * @param options when there are enough
     * @param onReply takes a reply and says whether more are wanted; what it throws ends the request
     * @return why it has ended
     * @throws NatsException NO_RESPONDERS at once when nobody listens; ERR when the thread is
     *     interrupted, which it then still is; ILLEGAL_STATE on the event loop; CONNECTION_CLOSED when the client is closed;
     *     and as {@link #publish(String, byte[])}
     */
    public RequestManyEnd requestMany(
            String subject, byte[] payload, RequestManyOptions options, Predicate<NatsMessage> onReply) {
        return manyRequester.request(subject, null, payload, options, onReply);
    }

    /**
     * Sends a request with headers, otherwise as {@link #requestMany(String, byte[], RequestManyOptions, Predicate)}.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what; copied before the first reply
     * @param options when there are enough
     * @param onReply takes a reply and says whether more are wanted; what it throws ends the request
     * @return why it has ended
     * @throws NatsException as without headers; NO_SERVER_SUPPORT when the server takes no headers
     */
    public RequestManyEnd requestMany(
            String subject,
            Headers headers,
            byte[] payload,
            RequestManyOptions options,
            Predicate<NatsMessage> onReply) {
        return manyRequester.request(subject, headers.block(), payload, options, onReply);
    }

    /**
     * Subscribes.
     *
     * @param subject what to, with {@code *} for one token and {@code >} at the end for the rest
     * @param handler what to do with a message
     * @return the subscription, whose SUB is on its way: whatever this client publishes next finds it there
     * @throws NatsException INVALID_SUBJECT, also when subject and queue are longer than a server takes; TIMEOUT when
     *     traffic is moving and that takes longer than {@code publishTimeout}; ILLEGAL_STATE in lame duck mode, if
     *     {@code lameDuckSubscribe} is REJECT or no connection takes traffic; DRAINING from the beginning of a
     *     {@link #drain}; CONNECTION_CLOSED
     */
    public Subscription subscribe(String subject, MessageHandler handler) {
        return begin(subject, () -> subscriptions.add(subject, null, handler, executor, subscriptionEvents));
    }

    /**
     * Subscribes as a member of a queue group: each message goes to one member.
     *
     * @param subject what to, wildcards included
     * @param queue the group
     * @param handler what to do with a message
     * @return the subscription
     * @throws NatsException as {@link #subscribe(String, MessageHandler)}
     */
    public Subscription subscribe(String subject, String queue, MessageHandler handler) {
        return begin(subject, () -> subscriptions.add(subject, queue, handler, executor, subscriptionEvents));
    }

    /**
     * Subscribes without a handler: messages wait until they are asked for by {@link SyncSubscription#nextMessage}.
     *
     * @param subject what to, wildcards included
     * @return the subscription
     * @throws NatsException as {@link #subscribe(String, MessageHandler)}
     */
    public SyncSubscription subscribe(String subject) {
        return begin(subject, () -> subscriptions.addAsked(subject, null, subscriptionEvents));
    }

    /**
     * Subscribes without a handler as a member of a queue group.
     *
     * @param subject what to, wildcards included
     * @param queue the group
     * @return the subscription
     * @throws NatsException as {@link #subscribe(String, MessageHandler)}
     */
    public SyncSubscription subscribe(String subject, String queue) {
        return begin(subject, () -> subscriptions.addAsked(subject, queue, subscriptionEvents));
    }

    /**
     * Messages as a publisher of Reactive Streams, with the limits of the options of the client:
     * {@link #publisher(String, String, PendingOptions)}.
     *
     * @param subject what to subscribe to, wildcards included
     * @return the publisher, which has not subscribed yet
     * @throws NatsException INVALID_SUBJECT, also when it is longer than a server takes
     */
    public Flow.Publisher<NatsMessage> publisher(String subject) {
        return publisher(subject, null, options.pending());
    }

    /**
     * Messages as a publisher of Reactive Streams whose subscribers are members of a queue group:
     * {@link #publisher(String, String, PendingOptions)}.
     *
     * @param subject what to subscribe to, wildcards included
     * @param queue the group
     * @return the publisher, which has not subscribed yet
     * @throws NatsException INVALID_SUBJECT, also when subject and queue are longer than a server takes
     */
    public Flow.Publisher<NatsMessage> publisher(String subject, String queue) {
        return publisher(subject, queue, options.pending());
    }

    /**
     * Messages as a publisher of Reactive Streams. It is cold: each subscriber has a subscription of its own, which begins
     * behind {@code onSubscribe} and is on its way to the server when {@code subscribe} returns. A subscriber is handed no
     * more messages than it has requested, in order, through handovers and reconnects, and no thread waits while it
     * requests none; with {@code request(Long.MAX_VALUE)} it is as fast as a handler.
     *
     * <p>Requesting slowly does not slow down a NATS server. What the subscriber has not requested waits within the
     * limits, and what is beyond them is dropped and told of as of a slow handler: {@link PendingPolicy},
     * {@link ClientListener#onSlowConsumer}, {@link Subscription#droppedMessages}.
     *
     * <p>{@code onSubscribe} is called by the thread that subscribes, every other signal on the executor (when that refuses,
     * on a thread of the client's own). {@code onComplete} comes behind the last message when the subscription or the
     * client has drained, the subscription has had as many messages as it was limited to, was unsubscribed, or the client
     * was closed, and says that all that had arrived was handed over. {@code onError} comes
     *
     * <ul>
     *   <li>instead of it, with what ended the subscription, when messages that had arrived were dropped by that;
     *   <li>when a server does not permit the subscription: NOT_PERMITTED;
     *   <li>when it cannot begin, as {@link #subscribe(String, MessageHandler)} says: DRAINING, ILLEGAL_STATE, TIMEOUT,
     *       CONNECTION_CLOSED;
     *   <li>when the client gives up, with what {@link ClientListener#onError} is told: NO_SERVER, CONNECTION_AUTH_FAILED;
     *   <li>for a request that is not positive: an IllegalArgumentException.
     * </ul>
     *
     * <p>A subscriber that throws has cancelled; {@link ClientListener#onError} is told what. The {@code Flow.Subscription}
     * is a {@link Subscription} as well, for whoever wants to drain, limit or look at it. To a drain, and to a server that
     * is being left, a message counts as handled when {@code onNext} has returned: a drain waits until the subscriber has
     * requested all that has arrived.
     *
     * @param subject what to subscribe to, wildcards included
     * @param queue the queue group, or null for none
     * @param limits how much may wait for each subscriber, and what is dropped beyond that
     * @return the publisher, which has not subscribed yet
     * @throws NatsException INVALID_SUBJECT, also when subject and queue are longer than a server takes
     */
    public Flow.Publisher<NatsMessage> publisher(String subject, @Nullable String queue, PendingOptions limits) {
        SubscriptionRegistry.check(subject, queue);
        Objects.requireNonNull(limits, "limits");
        return subscriber -> subscriptions
                .addFlow(subject, queue, Objects.requireNonNull(subscriber), dependable, limits, subscriptionEvents)
                .start(subscription -> {
                    checkMayBegin(subject);
                    enter(subscription);
                });
    }

    private <S extends ActiveSubscription> S begin(String subject, Supplier<S> entry) {
        checkMayBegin(subject);
        return enter(entry.get());
    }

    private void checkMayBegin(String subject) {
        clientDrain.checkMaySubscribe(subject);
        if (isInLameDuckMode()) {
            checkMaySubscribe(subject);
        }
    }

    private <S extends ActiveSubscription> S enter(S subscription) {
        try {
            router.append(
                    outbound -> outbound.subscribe(subscription.subject(), subscription.queue(), subscription.sid()),
                    System.nanoTime() + options.connection().publishTimeout().toNanos());
            if (!subscription.isActive()) { // It was ended meanwhile, and its UNSUB may be ahead of this SUB.
                router.append(outbound -> outbound.unsubscribe(subscription.sid(), 0), System.nanoTime());
            }
        } catch (NatsException e) {
            subscription.unsubscribe(); // A server that traffic is moving to may know it already.
            throw e;
        }
        return subscription;
    }

    private void checkMaySubscribe(String subject) {
        boolean reject = options.lameDuck().subscribe() == LameDuckSubscribe.REJECT;
        if (reject || router.current().kind() == Route.Kind.OFFLINE) {
            log.subscribeSkipped();
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE,
                    "not subscribed to \"" + subject + "\": the server is in lame duck mode"
                            + (reject
                                    ? ", and lameDuckSubscribe=REJECT"
                                    : ", and there is no other connection yet; try again when there is"));
        }
    }

    /**
     * Waits until the servers have processed what this client has sent before: on the connection that carries its
     * traffic, and on one it is just leaving. It says nothing of publishes that were in doubt before it was called;
     * {@link ClientListener#onDisconnected} has told of those. A server that is killed right after may take publishes
     * along that it has processed and not yet passed on: for 50 ms or so they still count as in doubt.
     *
     * @param timeout longest time to wait
     * @throws NatsException TIMEOUT; CONNECTION_CLOSED when a connection is lost meanwhile, whose publishes are now in
     *     doubt
     */
    public void flush(Duration timeout) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        AwaitedPing ping = ping(deadlineNs);
        // Read after the PING went its way: if that was a new one, the old one is known to be settling.
        CompletableFuture<Void> earlier = conductor.settled();
        await(
                earlier.isDone() ? ping.answered() : CompletableFuture.allOf(ping.answered(), earlier),
                timeout,
                deadlineNs);
    }

    /**
     * How long the server that carries the traffic takes to answer a PING behind everything this client has sent before.
     *
     * @param timeout longest time to wait
     * @return the time from asking to the answer, the way back to this thread included
     * @throws NatsException TIMEOUT; ILLEGAL_STATE while there is no connection; CONNECTION_CLOSED when it is lost meanwhile
     */
    public Duration rtt(Duration timeout) {
        if (router.current().kind() == Route.Kind.OFFLINE) {
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE, "there is no connection now whose round trip could be measured");
        }
        long beganNs = System.nanoTime();
        long deadlineNs = beganNs + timeout.toNanos();
        await(ping(deadlineNs).answered(), timeout, deadlineNs);
        return Duration.ofNanos(System.nanoTime() - beganNs);
    }

    private AwaitedPing ping(long deadlineNs) {
        if (loop.inLoop()) {
            throw new NatsException(NatsStatus.ILLEGAL_STATE, "whoever waits on the event loop would wait for itself");
        }
        AwaitedPing ping = new AwaitedPing();
        router.append(outbound -> outbound.ping(ping), deadlineNs);
        return ping;
    }

    private static void await(CompletableFuture<Void> answers, Duration timeout, long deadlineNs) {
        try {
            answers.get(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new NatsException(
                    NatsStatus.TIMEOUT, "the server has not answered within " + timeout.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new NatsException(
                    NatsStatus.CONNECTION_CLOSED,
                    "the connection was lost before the server answered; publishes may be in doubt",
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsException(NatsStatus.ERR, "interrupted while waiting for the server", e);
        }
    }

    /**
     * Moves to another server, make before break, as if the present one were about to leave: nothing is lost, and
     * subscriptions follow. Returns when new traffic goes to the other server; while there is no server at all, when
     * there is one.
     *
     * @throws NatsException NO_SERVER when no other server can be connected to within {@code hotSwapTimeout}: then
     *     everything stays as it is; CONNECTION_CLOSED
     */
    public void reconnect() {
        if (loop.inLoop()) {
            throw new NatsException(NatsStatus.ILLEGAL_STATE, "a reconnect on the event loop would wait for itself");
        }
        this.<Void>askLoop(
                conductor::move,
                options.hotSwap().timeout().plus(MOVE_SLACK),
                NatsStatus.NO_SERVER,
                "no server could be connected to within");
    }

    /**
     * Replaces the configured servers: where the client looks for the next connection and for those that stand by, from
     * now on. The connection in use stays, even if its server is not among them; {@link #reconnect()} leaves it. Servers
     * that the cluster tells of, and {@code hotSwapServers}, are used as ever. What stands by at a server that is none of
     * all these is given up.
     *
     * @param urls as for {@link NatsOptions.Builder#servers}
     * @throws IllegalArgumentException as when options are built; also for servers that are reached in another way
     *     than those before them, and for {@code tls://}, if the client was not told to require TLS when it was made
     * @throws NatsException CONNECTION_CLOSED
     */
    public void servers(String... urls) {
        List<String> configured = options.requireReachable(NatsOptions.split(urls));
        if (!options.tls().isRequired() && configured.stream().anyMatch(ServerAddress::wantsTls)) {
            throw new IllegalArgumentException("servers: the URL of a server begins with tls://, but tls="
                    + options.tls().mode() + "; make the client with tls=REQUIRED");
        }
        this.<Boolean>askLoop(
                done -> {
                    authenticator.configure(configured);
                    tls.configure(options.addresses(configured));
                    conductor.configure(
                            configured.stream().map(ServerAddress::parse).toList());
                    done.complete(true);
                },
                options.connection().publishTimeout(),
                NatsStatus.TIMEOUT,
                "the servers will be replaced, but the event loop was too busy for");
    }

    /**
     * Whether a server that is about to leave is still being left. The C++ client called this {@code IsInLameDuckMode}.
     *
     * @return true from the announcement until nothing of this client is left on that server
     */
    public boolean isInLameDuckMode() {
        return conductor.isInLameDuckMode();
    }

    /**
     * Whether a validated connection to another server stands by. The C++ client called this
     * {@code IsHotSwapAvailable}.
     *
     * @return whether a handover would take microseconds
     */
    public boolean isHotSwapAvailable() {
        return conductor.standby() != null;
    }

    /**
     * The connection that would take over now, for operations that are to go there directly; as a rule nobody needs that,
     * because traffic goes there by itself when it has to. The C++ client called this {@code GetHotSwapClient}.
     *
     * <p>From the first call on, replies to every request of this client come through that connection as well, as with
     * {@code hotInbox}.
     *
     * @return a view of it, the same one as long as it stands by; empty while none does
     */
    public Optional<HotSwapClient> hotSwapClient() {
        ServerConnection standby = conductor.standby();
        if (standby == null) {
            return Optional.empty();
        }
        StandbyView known = standbyView;
        if (known == null || !known.isOf(standby)) {
            known = viewOf(standby);
            standbyView = known;
        }
        return Optional.of(known);
    }

    /**
     * Prefers the server of another client to all others, those of {@code hotSwapServers} included, for the connections
     * that stand by: this client makes one of its own to there, with its own options. If as many stand by as shall, one of
     * them is given up for it. Should the server not take the connection, others are used as ever. The C++ client called
     * this {@code SetHotSwapClient}, and took the other client itself.
     *
     * @param other whose server, as of now; it stays the caller's to use and to close. Null ends the preference, and what
     *     stands by stays
     * @throws IllegalArgumentException when the server of the other client is reached in another way than this client's:
     *     over a WebSocket and not, encrypted and not
     * @throws NatsException ILLEGAL_STATE when the other client has no connection; CONNECTION_CLOSED
     */
    public void setHotSwapClient(@Nullable NatsClient other) {
        ServerAddress address = other == null
                ? null
                : ServerAddress.parse(other.connectedUrl()
                        .orElseThrow(() -> new NatsException(
                                NatsStatus.ILLEGAL_STATE,
                                "the other client has no connection now; try again when it is connected")));
        if (address != null) {
            options.requireReachable("the other client", address);
        }
        this.<Boolean>askLoop(
                adopted -> {
                    conductor.adopt(address);
                    adopted.complete(true);
                },
                options.connection().publishTimeout(),
                NatsStatus.TIMEOUT,
                "the server will be preferred, but the event loop was too busy for");
    }

    private StandbyView viewOf(ServerConnection standby) {
        Route only = Route.only(standby);
        Router way = new Router(only);
        // What is to go there waits for no other connection.
        RequestBuffer noBuffer =
                new RequestBuffer(requests, way, loop::wakeup, counters, log, completions, RequestBufferOptions.NONE);
        // Twice does no harm: a server ignores a second SUB of the same number.
        only.outbound().urgentSubscribe(requests.inbox().wildcard(), null, Inbox.SID);
        only.flush();
        return new StandbyView(
                standby,
                new Publisher(way, loop, DO_NOT_WAIT, full -> {}),
                new Requester(requests, noBuffer, way, loop, completions, this::isInLameDuckMode, log),
                (subject, handler) -> subscribeOnly(way, subject, handler),
                Headers::block);
    }

    private Subscription subscribeOnly(Router way, String subject, MessageHandler handler) {
        clientDrain.checkMaySubscribe(subject);
        if (!options.connection().echo()) {
            throw new NatsException(
                    NatsStatus.ILLEGAL_STATE,
                    "not subscribed to \"" + subject
                            + "\": noEcho cannot be kept on a connection that stands by; subscribe"
                            + " through the client itself");
        }
        // On the event loop, which makes the moves: so none of them overlooks what one connection alone has.
        return askLoop(
                subscribed -> {
                    ActiveSubscription subscription = subscriptions.addOnly(
                            way.current().outbound(), subject, handler, executor, subscriptionEvents);
                    try {
                        way.append(
                                outbound -> outbound.subscribe(subject, null, subscription.sid()), System.nanoTime());
                    } catch (NatsException e) {
                        subscriptions.remove(subscription);
                        throw e;
                    }
                    if (!subscribed.complete(subscription)) {
                        subscription.unsubscribe(); // Its caller has given up.
                    }
                },
                options.connection().publishTimeout(),
                NatsStatus.TIMEOUT,
                "not subscribed to \"" + subject + "\": the event loop was too busy for");
    }

    /** Waits for what the event loop has to say to a question; throws when that takes too long, or is an exception. */
    private <T> T askLoop(
            Consumer<CompletableFuture<T>> question, Duration timeout, NatsStatus tooLate, String tooLateText) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Runnable ask = () -> {
            try {
                question.accept(answer);
            } catch (NatsException e) {
                answer.completeExceptionally(e);
            }
        };
        try {
            if (loop.inLoop()) { // With an executor that runs tasks where they are handed to it.
                ask.run();
            } else {
                loop.execute(ask);
            }
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            throw new NatsException(NatsStatus.CONNECTION_CLOSED, "the client is closed", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof NatsException failure
                    ? new NatsException(failure.status(), String.valueOf(failure.getMessage()), failure)
                    : new NatsException(NatsStatus.ERR, "unexpected", e.getCause());
        } catch (TimeoutException e) {
            if (answer.cancel(false)) {
                throw new NatsException(tooLate, tooLateText + " " + timeout.toMillis() + " ms", e);
            }
            return answer.join();
        } catch (InterruptedException e) {
            answer.cancel(false);
            Thread.currentThread().interrupt();
            throw new NatsException(NatsStatus.ERR, "interrupted while waiting for the event loop", e);
        }
    }

    /** Whether the event loop, which everything goes through, has done anything within that time. */
    boolean isLoopAlive(Duration timeout) {
        try {
            return this.<Boolean>askLoop(
                    done -> done.complete(true), timeout, NatsStatus.TIMEOUT, "the event loop was too busy for");
        } catch (NatsException e) {
            if (e.status() == NatsStatus.TIMEOUT) {
                return false;
            }
            throw e;
        }
    }

    boolean isClosed() {
        return conductor.ended().isDone() || router.current().kind() == Route.Kind.CLOSED;
    }

    /** Whether it takes on less and less, because it is being drained. */
    boolean isDraining() {
        return clientDrain.isUnderWay() || router.current().kind() == Route.Kind.DRAINING;
    }

    /** Whether a connection is meant to stand by whenever it can. */
    boolean keepsStandby() {
        return options.hotSwap().enabled() && options.hotSwap().standbys() > 0;
    }

    /**
     * How long the last hot swap took: from the moment a server said that it leaves to the one since when new traffic goes
     * to the next one, the time included in which that connection was made if it did not stand by. The C++ client called
     * this {@code GetHotSwapCreationTime}.
     *
     * @return the time, zero before the first hot swap
     */
    public Duration hotSwapCreationTime() {
        return Duration.ofNanos(counters.hotSwapCreationNs.get());
    }

    /**
     * The share of attempts to hot-swap that succeeded. A server that leaves while no other one can be connected to is a
     * failed attempt, and, if one can be later, a successful one as well. The C++ client called this
     * {@code GetHotSwapSuccessRate}.
     *
     * @return {@link ClientMetrics#hotSwapSuccessRate()}
     */
    public double hotSwapSuccessRate() {
        return metrics().hotSwapSuccessRate();
    }

    /**
     * How many servers in lame duck mode were left so that {@link HandoverReport#isWithoutLoss()} is true. The C++ client
     * called this {@code GetZeroDowntimeAchievements}.
     *
     * @return the number of servers left
     */
    public long zeroDowntimeAchievements() {
        return counters.zeroDowntimeAchievements.get();
    }

    /**
     * The server that carries the traffic now.
     *
     * @return its URL, or empty while there is none
     */
    public Optional<String> connectedUrl() {
        return Optional.ofNullable(conductor.carrierUrl());
    }

    /**
     * Requests that wait in the request buffer until a connection can send them. The C++ client called this
     * {@code GetPendingRequestCount}.
     *
     * @return the number of requests
     */
    public int pendingRequestCount() {
        return requestBuffer.size();
    }

    /**
     * Ends the requests in the request buffer whose deadline has passed. They end by themselves at their deadline, so
     * there is rarely anything left to do. The C++ client called this {@code ClearExpiredRequests}.
     *
     * @return how many were ended by this call
     */
    public int clearExpiredRequests() {
        return requestBuffer.clearExpired(System.nanoTime());
    }

    /**
     * What the client has counted so far.
     *
     * @return the numbers of this moment
     */
    public ClientMetrics metrics() {
        long hotSwapFailures = counters.hotSwapFailures.get();
        return new ClientMetrics(
                System.nanoTime() - madeNs,
                traffic.messagesReceived(),
                traffic.bytesReceived(),
                traffic.messagesSent(),
                traffic.bytesSent(),
                counters.publishesInDoubt.get(),
                traffic.publishesResent(),
                counters.lameDuckEvents.get(),
                counters.hotSwapsCreated.get() + hotSwapFailures,
                hotSwapFailures,
                counters.hotSwapCreationNs.get(),
                counters.hotSwapCreations.summary(),
                counters.zeroDowntimeAchievements.get(),
                counters.zeroDowntimeFailures.get(),
                counters.handovers.get(),
                counters.reconnects.get(),
                counters.duplicatesDropped.get(),
                counters.messagesDropped.get(),
                counters.slowConsumers.get(),
                counters.ambiguous.get(),
                counters.heldOverLimit.get(),
                counters.lastSwapNs.get(),
                counters.swaps.summary(),
                counters.requestOverheads.summary(),
                counters.recoveries.summary(),
                counters.outages.summary(),
                counters.longLoopTurns.get(),
                counters.requestsAnswered.get(),
                counters.requestsTimedOut.get(),
                counters.requestsFailed.get(),
                counters.requestsRetried.get(),
                counters.requestsResent.get(),
                counters.publishesRefused.get(),
                requests.size(),
                requestBuffer.metrics());
    }

    /**
     * Closes the client without dropping what it has taken on. First every subscription is drained: the servers are told
     * to send no more, what they have sent until then goes to the handlers, and the handlers return. Until then
     * publishing and asking work as ever, subscribing fails with DRAINING. Then publishes and requests fail with
     * DRAINING, too; those accepted before are processed by the server, requests get their replies, and the client
     * closes. A handover under way comes first; while there is no connection, what waits for one is waited with.
     *
     * <p>Legal in a handler, which must return to be done: one that waits for the future waits for the timeout. The first
     * call counts, another one has the same future. {@link #close()} may be called meanwhile, and ends it at once.
     *
     * @param timeout longest time for all that; then the client closes all the same, as by {@link #close()}
     * @return completes when the client is closed, on a thread of the client's own; exceptionally with a
     *     {@link NatsException}: TIMEOUT, saying what was left; CONNECTION_CLOSED when the client was closed meanwhile, or
     *     the loss of the connection has left something
     */
    public CompletableFuture<Void> drain(Duration timeout) {
        return clientDrain.begin(timeout);
    }

    /**
     * Closes the client. Publishes already accepted are sent, and the server is given {@code flushTimeout} to process
     * them; requests that wait fail with CONNECTION_CLOSED; messages received and not yet handled are dropped.
     * Idempotent, and legal in a handler.
     */
    @Override
    public void close() {
        try {
            loop.execute(conductor::close);
        } catch (RejectedExecutionException e) {
            // Closed already, or about to be.
        }
        if (!loop.inLoop()) {
            awaitEnd();
        }
        ownExecutor.shutdown();
    }

    private void awaitEnd() {
        long waitNs = options.connection().flushTimeout().toNanos() + CLOSE_SLACK_NS;
        try {
            conductor.ended().get(waitNs, TimeUnit.NANOSECONDS);
            loop.awaitEnd(CLOSE_SLACK_NS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The loop ends by itself.
        } catch (ExecutionException | TimeoutException e) {
            log.unexpected(e);
        }
    }
}
