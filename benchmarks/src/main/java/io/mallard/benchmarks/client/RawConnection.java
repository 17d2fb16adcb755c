package io.mallard.benchmarks.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A bare blocking socket to a server that takes it for a client. A PING of the server is not answered: the first one comes
 * after two seconds, and a server waits for minutes before it minds.
 *
 * <p>Threading: one thread reads and one writes.
 */
final class RawConnection implements AutoCloseable {
    private static final String CONNECT =
            "CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1,\"headers\":true,"
                    + "\"no_responders\":true,\"name\":\"raw\",\"lang\":\"raw\",\"version\":\"1\"}\r\n";
    /** An INFO of a lone server is far shorter. */
    private static final int HANDSHAKE_BYTES = 64 << 10;

    private final SocketChannel channel;
    private final ByteBuffer ping = ByteBuffer.wrap("PING\r\n".getBytes(US_ASCII));
    private final byte[] answer = new byte[HANDSHAKE_BYTES];

    private RawConnection(SocketChannel channel) {
        this.channel = channel;
    }

    static RawConnection open(String url) {
        URI uri = URI.create(url);
        try {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(uri.getHost(), uri.getPort()));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            RawConnection connection = new RawConnection(channel);
            connection.write(CONNECT);
            connection.flush();
            // A second INFO may follow the first PONG: nothing is to come unasked after this.
            connection.flush();
            return connection;
        } catch (IOException e) {
            throw new UncheckedIOException("no connection to " + url, e);
        }
    }

    void write(String text) {
        write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
    }

    /** All that remains. */
    void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until there is something, and puts it behind what is there. */
    int read(ByteBuffer target) {
        try {
            int bytes = channel.read(target);
            if (bytes < 0) {
                throw new EOFException("the server has closed the connection");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns when the server has processed everything written before. For a connection that receives nothing else. */
    void flush() {
        write(ping.clear());
        ByteBuffer received = ByteBuffer.wrap(answer);
        while (!new String(answer, 0, received.position(), US_ASCII).contains("PONG\r\n")) {
            read(received);
        }
    }

    /** Runs again and again, on a daemon thread, until the connection is closed. */
    void repeat(String threadName, Runnable turn) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (channel.isOpen()) {
                            turn.run();
                        }
                    } catch (UncheckedIOException e) {
                        if (channel.isOpen()) { // Nobody has closed it: whoever waits in vain will want to know why.
                            throw e;
                        }
                    }
                },
                threadName);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
