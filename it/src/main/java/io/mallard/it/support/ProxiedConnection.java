package io.mallard.it.support;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * One connection through a {@link TcpProxy}: the socket it accepted, the socket it dialled for it, and a {@link ProxyLine} each way.
 *
 * <p>Threading: thread-safe. It ends once, whoever comes first: both streams, a reset from either side, a fault, the test, or the proxy.
 */
final class ProxiedConnection {
    private final Socket accepted;
    private final Socket dialled;
    private final FaultCounts counts;
    private final List<ProxyLine> lines;
    private final Consumer<ProxiedConnection> onEnded;
    private final AtomicInteger openStreams = new AtomicInteger(2);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean halfOpen = new AtomicBoolean();

    ProxiedConnection(
            String name,
            Socket accepted,
            Socket dialled,
            LineFaults faultsThere,
            LineFaults faultsBack,
            FaultCounts counts,
            LongAdder forwardedBytes,
            Consumer<ProxiedConnection> onEnded) {
        this.accepted = accepted;
        this.dialled = dialled;
        this.counts = counts;
        this.onEnded = onEnded;
        this.lines = List.of(
                new ProxyLine(name + "-there", this, accepted, dialled, faultsThere, forwardedBytes),
                new ProxyLine(name + "-back", this, dialled, accepted, faultsBack, forwardedBytes));
    }

    void start() {
        lines.forEach(ProxyLine::start);
    }

    /** The port from which the target was dialled. */
    int dialledFromPort() {
        return dialled.getLocalPort();
    }

    /** Closes both sockets with an RST; what is under way is lost. False if the connection had ended before. */
    boolean reset() {
        return end(true, counts.resets::increment);
    }

    /** Closes both sockets in the middle of whatever is under way. */
    void cut() {
        end(false, counts.cuts::increment);
    }

    /**
     * Closes the socket that was dialled and keeps the other one, which takes everything from now on and says nothing. False if this
     * or an end has been before.
     */
    boolean halfOpen() {
        if (ended.get() || !halfOpen.compareAndSet(false, true)) {
            return false;
        }
        counts.halfOpened.increment();
        closeQuietly(dialled, false);
        return true;
    }

    /** Closes both sockets; what is under way is lost. */
    void close() {
        end(false, () -> {});
    }

    void join() throws InterruptedException {
        for (ProxyLine line : lines) {
            line.join();
        }
    }

    /** Tells the receiver that nothing more comes; the second time, the connection is over. */
    void onEndOfStream(Socket receiver) {
        if (receiver.equals(accepted) && halfOpen.get()) {
            return;
        }
        try {
            receiver.shutdownOutput();
        } catch (IOException e) {
            // It is gone already.
        }
        if (openStreams.decrementAndGet() == 0 || halfOpen.get()) {
            close();
        }
    }

    /** As above, and the receiver does not hear of it. */
    void onSwallowedEnd() {
        if (openStreams.decrementAndGet() == 0 || halfOpen.get()) {
            close();
        }
    }

    /** Tells the other side, unless it is not to know that this one is gone. */
    void onReset(Socket from) {
        if (!from.equals(dialled) || !halfOpen.get()) {
            end(true, () -> {});
        }
    }

    /** @param count called before either side can see the end, by whoever ends the connection */
    private boolean end(boolean withReset, Runnable count) {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        count.run();
        closeQuietly(accepted, withReset);
        closeQuietly(dialled, withReset);
        lines.forEach(ProxyLine::interrupt);
        onEnded.accept(this);
        return true;
    }

    private static void closeQuietly(Socket socket, boolean withReset) {
        try (socket) {
            if (withReset) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // It is gone already.
        }
    }
}
