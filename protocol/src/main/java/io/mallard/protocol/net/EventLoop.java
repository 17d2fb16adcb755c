package io.mallard.protocol.net;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
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

        /** A turn is over: it took that long, from the first socket that was ready, or the end of the wait, to the next wait. */
        default void onTurnEnd(long tookNs) {}

        /** The loop has ended and runs nothing any more; called once, on the loop thread. */
        void onEnd();
    }

    /** The owner of one channel. */
    interface Ready {
        void onReady(int readyOps);

        /** {@link #onReady} has thrown: what it was about to do is half done. */
        void onHandlerFailure(Throwable thrown);
    }

    private static final int READ_BUFFER_BYTES = 64 << 10;

    private final Selector selector;
    private final Thread thread;
    private final Consumer<Throwable> onUncaught;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakeupPending = new AtomicBoolean();
    // Latch: once true, always true. No task is accepted afterwards.
    private volatile boolean closing;
    // Latch: set before the queue is emptied for the last time.
    private volatile boolean ended;
    // Set once, before the thread starts.
    private Agent agent = NO_AGENT;

    // Owned by the loop thread.
    private boolean inTurn;
    private long turnBeganNs;
    /** Called by the selector itself, which then keeps no set of keys: that would be garbage per turn. */
    private final Consumer<SelectionKey> serve = this::serve;

    private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER_BYTES);

    /**
     * Opens the selector; {@link #start} runs the thread.
     *
     * @param onUncaught told of whatever a task, a handler or the agent throws; the loop goes on
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
            throw rejected();
        }
        tasks.add(task);
        if (ended && tasks.remove(task)) {
            throw rejected(); // It closed in between, and nobody looks at the queue any more.
        }
        if (!inLoop()) {
            wakeup();
        }
    }

    private RejectedExecutionException rejected() {
        return new RejectedExecutionException("event loop " + thread.getName() + " is closed");
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
        endTurn();
        if (waitNs <= 0 || !tasks.isEmpty()) {
            selector.selectNow(serve);
        } else {
            selector.select(serve, TimeUnit.NANOSECONDS.toMillis(waitNs) + 1);
        }
        beginTurn();
        wakeupPending.set(false);
        Thread.interrupted(); // Left behind by some handler, it would end every wait at once.
    }

    /** The wait is over, as the first socket has told if one was ready. */
    private void beginTurn() {
        if (!inTurn) {
            inTurn = true;
            turnBeganNs = System.nanoTime();
        }
    }

    private void endTurn() {
        if (!inTurn) {
            return;
        }
        inTurn = false;
        try {
            agent.onTurnEnd(System.nanoTime() - turnBeganNs);
        } catch (RuntimeException | Error e) {
            onUncaught.accept(e);
        }
    }

    private void serve(SelectionKey key) {
        beginTurn();
        if (!key.isValid()) {
            return;
        }
        Ready ready = (Ready) key.attachment();
        try {
            ready.onReady(key.readyOps());
        } catch (RuntimeException | Error e) {
            onUncaught.accept(e);
            guard(() -> ready.onHandlerFailure(e));
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
            guard(task);
        }
    }

    private void guard(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            onUncaught.accept(e);
        }
    }

    private void end() {
        for (SelectionKey key : selector.keys()) {
            end(key.channel());
        }
        end(selector);
        ended = true;
        runTasks(); // What slipped in between the last turn and the latch.
        guard(agent::onEnd);
    }

    private void end(Closeable watched) {
        try {
            watched.close();
        } catch (IOException e) {
            onUncaught.accept(e);
        }
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
