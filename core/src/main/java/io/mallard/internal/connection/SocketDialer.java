package io.mallard.internal.connection;

import io.mallard.ConnectionOptions;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.TcpTransport;
import io.mallard.protocol.wire.ConnectInfo;
import io.mallard.protocol.wire.MessageView;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks a name up, off the event loop because that may block, and tries its addresses one after the other.
 *
 * <p>Threading: owned by the event loop.
 */
public final class SocketDialer implements Dialer {
    private final EventLoop loop;
    private final Executor executor;
    private final ConnectInfo connectInfo;
    private final ConnectionOptions options;

    /** {@code executor} runs the name lookups. */
    public SocketDialer(EventLoop loop, Executor executor, ConnectInfo connectInfo, ConnectionOptions options) {
        this.loop = loop;
        this.executor = executor;
        this.connectInfo = connectInfo;
        this.options = options;
    }

    @Override
    public Attempt dial(ServerAddress address, long deadlineNs, Caller caller) {
        SocketAttempt attempt = new SocketAttempt(address, deadlineNs, caller);
        try {
            executor.execute(attempt::resolve);
        } catch (RejectedExecutionException e) {
            loop.execute(() -> attempt.finish(null, e));
        }
        return attempt;
    }

    private final class SocketAttempt implements Attempt, ConnectionOwner {
        private final ServerAddress address;
        private final long deadlineNs;
        private final Caller caller;
        // Owned by the event loop.
        private final Queue<InetAddress> untried = new ArrayDeque<>();
        private @Nullable ServerConnection connection;
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
                found = List.of(InetAddress.getAllByName(address.host()));
            } catch (UnknownHostException e) {
                onLoop(() -> finish(null, new UnknownHostException("unknown host " + address.host())));
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
                finish(null, lastFailure);
                return;
            }
            try {
                connection = ServerConnection.open(
                        loop,
                        address,
                        events -> TcpTransport.connect(loop, new InetSocketAddress(next, address.port()), events),
                        connectInfo,
                        options,
                        deadlineNs,
                        this);
            } catch (IOException e) {
                tryNext(e);
            }
        }

        private void finish(@Nullable ServerConnection ready, @Nullable Throwable failure) {
            if (over) {
                return;
            }
            over = true;
            if (ready != null) {
                caller.onReady(ready);
            } else {
                cancel();
                caller.onFailed(failure == null ? new IOException("cancelled") : failure);
            }
        }

        @Override
        public long onTick(long nowNs) {
            if (over) {
                return Long.MAX_VALUE;
            }
            if (connection != null) {
                return connection.onTick(nowNs);
            }
            if (deadlineNs - nowNs <= 0) {
                finish(null, new NatsException(NatsStatus.TIMEOUT, "timed out looking up host " + address.host()));
                return Long.MAX_VALUE;
            }
            return deadlineNs - nowNs;
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
            finish(ready, null);
        }

        @Override
        public void onClosed(ServerConnection closed, Throwable cause) {
            // Another address of the same server will not help against a refusal of the server itself.
            if (cause instanceof IOException) {
                tryNext(cause);
            } else {
                finish(null, cause);
            }
        }

        @Override
        public void onInfo(ServerConnection ready) {
            throw notReady();
        }

        @Override
        public void onLameDuck(ServerConnection ready) {
            throw notReady();
        }

        @Override
        public void onMessage(ServerConnection ready, MessageView message) {
            throw notReady();
        }

        @Override
        public void onServerError(ServerConnection ready, String text) {
            throw notReady();
        }

        private IllegalStateException notReady() {
            return new IllegalStateException("only a ready connection has this, and " + address + " is being dialled");
        }
    }
}
