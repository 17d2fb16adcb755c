package io.mallard.protocol.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A plain TCP socket on an {@link EventLoop}.
 *
 * <p>Threading: as {@link Transport}.
 */
public final class TcpTransport implements Transport, EventLoop.Ready {
    private final EventLoop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    // Owned by the loop.
    private Events events;
    private boolean closed;

    private TcpTransport(EventLoop loop, SocketChannel channel, Events events) throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.events = events;
        this.key = loop.register(channel, SelectionKey.OP_CONNECT, this);
    }

    /**
     * Begins to connect; {@link Events#onConnected} or {@link Events#onFailed} follows. On the loop.
     *
     * @throws IOException when the address is refused at once; no socket is left open
     */
    public static TcpTransport connect(EventLoop loop, InetSocketAddress address, Events events) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            TcpTransport transport = new TcpTransport(loop, channel, events);
            if (channel.connect(address)) {
                // Loopback may connect at once; the owner still hears of it from the loop, as it does otherwise.
                loop.execute(transport::connected);
            }
            return transport;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e instanceof IOException io ? io : new IOException(e.toString(), e);
        }
    }

    @Override
    public void events(Events newOwner) {
        this.events = newOwner;
    }

    @Override
    public void onReady(int readyOps) {
        if ((readyOps & SelectionKey.OP_CONNECT) != 0) {
            finishConnect();
            return;
        }
        if ((readyOps & SelectionKey.OP_WRITE) != 0 && !closed) {
            key.interestOpsAnd(~SelectionKey.OP_WRITE);
            events.onWritable();
        }
        if ((readyOps & SelectionKey.OP_READ) != 0 && !closed) {
            events.onReadable();
        }
    }

    @Override
    public void onHandlerFailure(Throwable thrown) {
        if (!closed) {
            try {
                events.onFailed(new IOException("the handler of this socket failed: " + thrown, thrown));
            } finally {
                close(); // What it has not read would call it again and again.
            }
        }
    }

    private void finishConnect() {
        try {
            if (!channel.finishConnect()) {
                return;
            }
        } catch (IOException e) {
            events.onFailed(e);
            return;
        }
        connected();
    }

    private void connected() {
        if (!closed) {
            key.interestOps(SelectionKey.OP_READ);
            events.onConnected();
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public boolean write(ByteBuffer source) throws IOException {
        channel.write(source);
        return !source.hasRemaining();
    }

    @Override
    public void requestWrite() {
        try {
            key.interestOpsOr(SelectionKey.OP_WRITE);
        } catch (CancelledKeyException e) {
            return; // Closed meanwhile; the owner knows.
        }
        if (!loop.inLoop()) {
            loop.wakeup();
        }
    }

    @Override
    public void close() {
        closed = true;
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is gone either way, and there is nobody left to tell.
        }
    }
}
