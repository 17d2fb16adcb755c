package io.mallard.internal.connection;

import io.mallard.ConnectionOptions;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.server.HostAndPort;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.Opening;
import io.mallard.protocol.net.TcpTransport;
import io.mallard.protocol.net.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks a name up, off the event loop because that may block, and lets its addresses race, as RFC 8305 has it: the next one
 * is tried when the last one has failed or not answered for a moment, and the first TCP connection wins.
 *
 * <p>Threading: owned by the event loop.
 */
public final class SocketDialer implements Dialer {
    /** How long an address may take before the next one is tried beside it: what RFC 8305 recommends. */
    static final long NEXT_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /** What this needs of the network. */
    interface Network {
        /** Blocks. */
        InetAddress[] lookUp(String host) throws UnknownHostException;

        Transport connect(InetSocketAddress address, Transport.Events events) throws IOException;
    }

    private final EventLoop loop;
    private final Executor executor;
    private final Introduction introduction;
    private final ConnectionOptions options;
    private final TrafficCounters traffic;
    private final TlsUpgrade tls;
    private final @Nullable Proxy proxy;
    private final Network network;

    /** {@code executor} runs the name lookups; {@code proxy} is null where servers are connected to directly. */
    public SocketDialer(
            EventLoop loop,
            Executor executor,
            Introduction introduction,
            ConnectionOptions options,
            TrafficCounters traffic,
            TlsUpgrade tls,
            @Nullable Proxy proxy) {
        this(loop, executor, introduction, options, traffic, tls, proxy, new Network() {
            @Override
            public InetAddress[] lookUp(String host) throws UnknownHostException {
                return InetAddress.getAllByName(host);
            }

            @Override
            public Transport connect(InetSocketAddress address, Transport.Events events) throws IOException {
                return TcpTransport.connect(loop, address, events);
            }
        });
    }

    SocketDialer(
            EventLoop loop,
            Executor executor,
            Introduction introduction,
            ConnectionOptions options,
            TrafficCounters traffic,
            TlsUpgrade tls,
            @Nullable Proxy proxy,
            Network network) {
        this.loop = loop;
        this.executor = executor;
        this.introduction = introduction;
        this.options = options;
        this.traffic = traffic;
        this.tls = tls;
        this.proxy = proxy;
        this.network = network;
    }

    @Override
    public Attempt dial(ServerAddress address, long deadlineNs, Caller caller) {
        SocketAttempt attempt = new SocketAttempt(address, deadlineNs, caller);
        try {
            executor.execute(attempt::resolve);
        } catch (RejectedExecutionException e) {
            loop.execute(() -> attempt.giveUp(e));
        }
        return attempt;
    }

    /** By one address of the server's host, or of the proxy's. */
    private final class Way implements ServerConnection.Connector {
        private final ServerAddress server;
        private final InetSocketAddress address;

        Way(ServerAddress server, InetSocketAddress address) {
            this.server = server;
            this.address = address;
        }

        @Override
        public Transport connect(Transport.Events events) throws IOException {
            return network.connect(address, events);
        }

        @Override
        public @Nullable Opening tunnel() {
            return proxy == null ? null : proxy.tunnelTo(server);
        }

        @Override
        public TlsUpgrade tls() {
            return tls;
        }
    }

    /** In turns of the two families, beginning with that of the first: one of them may not get through at all. */
    static List<InetAddress> inTurns(List<InetAddress> found) {
        Queue<InetAddress> preferred = new ArrayDeque<>();
        Queue<InetAddress> others = new ArrayDeque<>();
        for (InetAddress each : found) {
            (each.getClass() == found.get(0).getClass() ? preferred : others).add(each);
        }
        List<InetAddress> order = new ArrayList<>();
        while (!preferred.isEmpty() || !others.isEmpty()) {
            Stream.of(preferred, others)
                    .map(Queue::poll)
                    .filter(Objects::nonNull)
                    .forEach(order::add);
        }
        return order;
    }

    private Throwable blamed(Throwable cause) {
        return proxy == null ? cause : proxy.blamed(cause);
    }

    /** The race of the addresses of one host. */
    private final class SocketAttempt implements Attempt {
        private final ServerAddress address;
        /** To connect to. */
        private final HostAndPort place;

        private final long deadlineNs;
        private final Caller caller;
        // Owned by the event loop.
        private final Queue<InetAddress> untried = new ArrayDeque<>();
        /** Those under way; alone among them once it has won. */
        private final List<Runner> racing = new ArrayList<>();

        private @Nullable Runner winner;
        /** When the next address is tried, if none has won by then. */
        private long nextNs;

        /** Latch: once true, always true. One of the addresses was reached. */
        private boolean connected;

        private boolean over;

        SocketAttempt(ServerAddress address, long deadlineNs, Caller caller) {
            this.address = address;
            this.place = proxy == null ? new HostAndPort(address.host(), address.port()) : proxy.place();
            this.deadlineNs = deadlineNs;
            this.caller = caller;
        }

        /** One address of the host. */
        private final class Runner implements Caller {
            private final InetAddress host;
            private final ServerConnection connection;

            Runner(InetAddress host) throws IOException {
                this.host = host;
                this.connection = ServerConnection.open(
                        loop,
                        address,
                        new Way(address, new InetSocketAddress(host, place.port())),
                        introduction,
                        options,
                        traffic,
                        deadlineNs,
                        this);
            }

            @Override
            public void onReady(ServerConnection ready) {
                over = true;
                racing.remove(this);
                racing.forEach(loser -> loser.connection.close());
                caller.onReady(ready);
            }

            @Override
            public void onFailed(Throwable cause, boolean reached) {
                connected |= reached;
                racing.remove(this);
                winner = winner == this ? null : winner;
                // Another address of the same server will not help against a refusal of the server itself.
                if (cause instanceof IOException) {
                    tryNext(reached ? cause : blamed(cause));
                } else {
                    giveUp(reached ? cause : blamed(cause));
                }
            }
        }

        /** On the executor. */
        private void resolve() {
            List<InetAddress> found;
            try {
                found = List.of(network.lookUp(place.host()));
            } catch (UnknownHostException e) {
                onLoop(() -> giveUp(blamed(new UnknownHostException("unknown host " + place.host()))));
                return;
            }
            onLoop(() -> {
                untried.addAll(inTurns(found));
                tryNext(blamed(new UnknownHostException("no address for host " + place.host())));
            });
        }

        private void onLoop(Runnable task) {
            try {
                loop.execute(task);
            } catch (RejectedExecutionException e) {
                // The client was closed during the lookup.
            }
        }

        /** The last one has failed, or does not answer: one more, if there is one. */
        private void tryNext(Throwable lastFailure) {
            InetAddress next = over || winner != null ? null : untried.poll();
            if (next == null) {
                if (racing.isEmpty()) {
                    giveUp(lastFailure);
                }
                return;
            }
            long nowNs = System.nanoTime();
            // With little time left each gets its share of it.
            nextNs = nowNs + Math.min(NEXT_AFTER_NS, (deadlineNs - nowNs) / (1 + untried.size()));
            try {
                racing.add(new Runner(next));
            } catch (IOException e) {
                tryNext(blamed(e));
            }
        }

        private void giveUp(Throwable cause) {
            if (!over) {
                cancel();
                caller.onFailed(cause, connected);
            }
        }

        @Override
        public long onTick(long nowNs) {
            if (over) {
                return Long.MAX_VALUE;
            }
            if (racing.isEmpty()) {
                if (deadlineNs - nowNs <= 0) {
                    giveUp(blamed(new NatsException(NatsStatus.TIMEOUT, "timed out looking up host " + place.host())));
                    return Long.MAX_VALUE;
                }
                return deadlineNs - nowNs;
            }
            if (winner == null) {
                findWinner();
            }
            long waitNs = Long.MAX_VALUE;
            if (winner == null && !untried.isEmpty()) {
                if (nextNs - nowNs <= 0) {
                    tryNext(blamed(new SocketTimeoutException("timed out waiting for the TCP connection")));
                }
                waitNs = nextNs - nowNs;
            }
            for (Runner runner : List.copyOf(racing)) { // One that fails takes itself out.
                waitNs = Math.min(waitNs, runner.connection.onTick(nowNs));
            }
            return over ? Long.MAX_VALUE : waitNs;
        }

        /** The first TCP connection there is. The others are given up, and tried again only if it fails. */
        private void findWinner() {
            for (Runner runner : racing) {
                if (runner.connection.state() != ConnectionState.CONNECTING) {
                    winner = runner;
                    break;
                }
            }
            if (winner != null) {
                for (Runner runner : racing) {
                    if (runner != winner) {
                        runner.connection.close();
                        untried.add(runner.host);
                    }
                }
                racing.removeIf(runner -> runner != winner);
            }
        }

        @Override
        public void cancel() {
            over = true;
            racing.forEach(runner -> runner.connection.close());
            racing.clear();
        }
    }
}
