package io.mallard.internal.connection;

import io.mallard.ConnectionOptions;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.TcpTransport;
import io.mallard.protocol.net.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks a name up, off the event loop because that may block, and tries its addresses one after the other. One that does
 * not answer at all gets its share of the time that is left, so that the others get theirs.
 *
 * <p>Threading: owned by the event loop.
 */
public final class SocketDialer implements Dialer {
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
    private final TlsUpgrade tls;
    private final Network network;

    /** {@code executor} runs the name lookups. */
    public SocketDialer(
            EventLoop loop, Executor executor, Introduction introduction, ConnectionOptions options, TlsUpgrade tls) {
        this(loop, executor, introduction, options, tls, new Network() {
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
            TlsUpgrade tls,
            Network network) {
        this.loop = loop;
        this.executor = executor;
        this.introduction = introduction;
        this.options = options;
        this.tls = tls;
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

    /** To one address. */
    private final class Way implements ServerConnection.Connector {
        private final InetSocketAddress address;

        Way(InetSocketAddress address) {
            this.address = address;
        }

        @Override
        public Transport connect(Transport.Events events) throws IOException {
            return network.connect(address, events);
        }

        @Override
        public TlsUpgrade tls() {
            return tls;
        }
    }

    private final class SocketAttempt implements Attempt, Caller {
        private final ServerAddress address;
        private final long deadlineNs;
        private final Caller caller;
        // Owned by the event loop.
        private final Queue<InetAddress> untried = new ArrayDeque<>();
        private @Nullable ServerConnection connection;
        /** Until when the present address must have answered, if there are others. */
        private long connectDeadlineNs;

        /** Latch: once true, always true. One of the addresses was reached. */
        private boolean connected;

        private boolean over;

        SocketAttempt(ServerAddress address, long deadlineNs, Caller caller) {
            this.address = address;
            this.deadlineNs = deadlineNs;
            this.caller = caller;
        }

        /** On the executor. */
        private void resolve() {
            List<InetAddress> found;
            try {
                found = List.of(network.lookUp(address.host()));
            } catch (UnknownHostException e) {
                onLoop(() -> giveUp(new UnknownHostException("unknown host " + address.host())));
                return;
            }
            onLoop(() -> {
                untried.addAll(found);
                tryNext(new UnknownHostException("no address for host " + address.host()));
            });
        }

        private void onLoop(Runnable task) {
            try {
                loop.execute(task);
            } catch (RejectedExecutionException e) {
                // The client was closed during the lookup.
            }
        }

        private void tryNext(Throwable lastFailure) {
            InetAddress next = untried.poll();
            if (over) {
                return;
            }
            if (next == null) {
                giveUp(lastFailure);
                return;
            }
            long nowNs = System.nanoTime();
            connectDeadlineNs = nowNs + (deadlineNs - nowNs) / (1 + untried.size());
            try {
                connection = ServerConnection.open(
                        loop,
                        address,
                        new Way(new InetSocketAddress(next, address.port())),
                        introduction,
                        options,
                        deadlineNs,
                        this);
            } catch (IOException e) {
                tryNext(e);
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
            if (connection != null) {
                return tick(connection, nowNs);
            }
            if (deadlineNs - nowNs <= 0) {
                giveUp(new NatsException(NatsStatus.TIMEOUT, "timed out looking up host " + address.host()));
                return Long.MAX_VALUE;
            }
            return deadlineNs - nowNs;
        }

        private long tick(ServerConnection current, long nowNs) {
            if (current.state() != ConnectionState.CONNECTING || untried.isEmpty()) {
                return current.onTick(nowNs);
            }
            if (connectDeadlineNs - nowNs <= 0) {
                current.close();
                tryNext(new SocketTimeoutException("timed out waiting for the TCP connection"));
                return 0;
            }
            return connectDeadlineNs - nowNs;
        }

        @Override
        public void cancel() {
            over = true;
            if (connection != null) {
                connection.close();
            }
        }

        @Override
        public void onReady(ServerConnection ready) {
            over = true;
            caller.onReady(ready);
        }

        @Override
        public void onFailed(Throwable cause, boolean reached) {
            connected |= reached;
            // Another address of the same server will not help against a refusal of the server itself.
            if (cause instanceof IOException) {
                tryNext(cause);
            } else {
                giveUp(cause);
            }
        }
    }
}
