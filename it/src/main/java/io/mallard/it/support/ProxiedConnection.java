package io.mallard.it.support;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * One connection through a {@link TcpProxy}: the socket it accepted, the socket it dialled for it, and a {@link DelayLine} each way.
 *
 * <p>Threading: thread-safe. It ends once, whoever comes first: both streams, a reset from either side, the test, or the proxy.
 */
final class ProxiedConnection {
    private final Socket accepted;
    private final Socket dialled;
    private final List<DelayLine> lines;
    private final Consumer<ProxiedConnection> onEnded;
    private final AtomicInteger openStreams = new AtomicInteger(2);
    private final AtomicBoolean ended = new AtomicBoolean();

    ProxiedConnection(
            String name,
            Socket accepted,
            Socket dialled,
            LongSupplier delayNs,
            LongAdder forwardedBytes,
            Consumer<ProxiedConnection> onEnded) {
        this.accepted = accepted;
        this.dialled = dialled;
        this.onEnded = onEnded;
        this.lines = List.of(
                new DelayLine(name + "-there", this, accepted, dialled, delayNs, forwardedBytes),
                new DelayLine(name + "-back", this, dialled, accepted, delayNs, forwardedBytes));
    }

    void start() {
        lines.forEach(DelayLine::start);
    }

    /** The port from which the target was dialled. */
    int dialledFromPort() {
        return dialled.getLocalPort();
    }

    /** Closes both sockets with an RST; what is under way is lost. False if the connection had ended before. */
    boolean reset() {
        return end(true);
    }

    /** Closes both sockets; what is under way is lost. */
    void close() {
        end(false);
    }

    void join() throws InterruptedException {
        for (DelayLine line : lines) {
            line.join();
        }
    }

    /** Tells the receiver that nothing more comes; the second time, the connection is over. */
    void onEndOfStream(Socket receiver) {
        try {
            receiver.shutdownOutput();
        } catch (IOException e) {
            // It is gone already.
        }
        if (openStreams.decrementAndGet() == 0) {
            close();
        }
    }

    private boolean end(boolean withReset) {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        for (Socket socket : List.of(accepted, dialled)) {
            try (socket) {
                if (withReset) {
                    socket.setSoLinger(true, 0);
                }
            } catch (IOException e) {
                // It is gone already.
            }
        }
        lines.forEach(DelayLine::interrupt);
        onEnded.accept(this);
        return true;
    }
}
