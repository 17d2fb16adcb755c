package io.mallard.protocol.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One daemon thread that watches sockets, runs what other threads hand it, and gives its agent the time.
 *
 * <p>A turn: run the queued tasks, let the {@link Agent} act on its deadlines, wait for sockets no longer than the
 * agent allows, serve the ready ones. Nothing on this thread may block.
 *
 * <p>Threading: {@link #execute}, {@link #wakeup} and {@link #close} from any thread; everything else on the loop.
 */
public final class EventLoop implements Executor, AutoCloseable {
    /** Whoever owns the deadlines of this loop. */
    public interface Agent {
        /** Acts on what is due at {@code nowNs}; returns the nanoseconds until it wants to be called again. */
        long onTick(long nowNs);

        /** The loop has ended and runs nothing any more; called once, on the loop thread. */
        void onEnd();
    }

    /** The owner of one channel. */
    interface Ready {
        void onReady(int readyOps);
    }

    private static final int READ_BUFFER_BYTES = 64 << 10;

    private final Selector selector;
    private final Thread thread;
    private final Consumer<Throwable> onUncaught;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakeupPending = new AtomicBoolean();
    // Latch: once true, always true. No task is accepted afterwards.
    private volatile boolean closing;
    // Set once, before the thread starts.
    private Agent agent = NO_AGENT;

    // Owned by the loop thread.
    private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER_BYTES);

    /**
     * Opens the selector; {@link #start} runs the thread.
     *
     * @param onUncaught told of whatever a task or the agent throws; the loop goes on
     */
    public EventLoop(String threadName, Consumer<Throwable> onUncaught) throws IOException {
        this.selector = Selector.open();
        this.onUncaught = onUncaught;
        this.thread = new Thread(this::run, threadName);
        this.thread.setDaemon(true);
    }

    public void start(Agent agent) {
        this.agent = agent;
        thread.start();
    }

    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    /** The buffer every connection of this loop reads into; empty between two reads, because parsers take everything. */
    public ByteBuffer readBuffer() {
        return readBuffer;
    }

    /** Runs the task on the loop, in the order of the calls. */
    @Override
    public void execute(Runnable task) {
        if (closing) {
            throw new RejectedExecutionException("event loop " + thread.getName() + " is closed");
        }
        tasks.add(task);
        if (!inLoop()) {
            wakeup();
        }
    }

    /** Ends a wait for sockets, so that tasks and deadlines are looked at now. */
    public void wakeup() {
        if (wakeupPending.compareAndSet(false, true)) {
            selector.wakeup();
        }
    }

    /** Ends the loop after the tasks queued so far; every registered channel is closed. Does not wait. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
    }

    /** Waits until the thread has ended; false when it has not in time. */
    public boolean awaitEnd(long timeoutNs) throws InterruptedException {
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNs)));
        return !thread.isAlive();
    }

    SelectionKey register(SelectableChannel channel, int ops, Ready ready) throws IOException {
        return channel.register(selector, ops, ready);
    }

    private void run() {
        try {
            while (!closing) {
                turn();
            }
            runTasks();
        } catch (IOException e) {
            onUncaught.accept(e); // The selector itself is broken: nothing can be watched any more.
        } finally {
            closing = true;
            end();
        }
    }

    private void turn() throws IOException {
        runTasks();
        long waitNs = tick();
        if (waitNs <= 0 || !tasks.isEmpty()) {
            selector.selectNow();
        } else {
            selector.select(TimeUnit.NANOSECONDS.toMillis(waitNs) + 1);
        }
        wakeupPending.set(false);
        Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
        while (keys.hasNext()) {
            SelectionKey key = keys.next();
            keys.remove();
            if (key.isValid()) {
                guard(key);
            }
        }
    }

    private void guard(SelectionKey key) {
        try {
            ((Ready) key.attachment()).onReady(key.readyOps());
        } catch (RuntimeException | Error e) {
            onUncaught.accept(e);
        }
    }

    private long tick() {
        try {
            return agent.onTick(System.nanoTime());
        } catch (RuntimeException | Error e) {
            onUncaught.accept(e);
            return TimeUnit.MILLISECONDS.toNanos(10); // A failing agent must not turn the loop into a spin.
        }
    }

    private void runTasks() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                onUncaught.accept(e);
            }
        }
    }

    private void end() {
        try {
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            onUncaught.accept(new UncheckedIOException("closing the selector", e));
        }
        runTasks(); // What slipped in between the last turn and the latch.
        agent.onEnd();
    }

    private static final Agent NO_AGENT = new Agent() {
        @Override
        public long onTick(long nowNs) {
            return Long.MAX_VALUE;
        }

        @Override
        public void onEnd() {}
    };
}
