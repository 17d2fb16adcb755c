package io.mallard.internal.request;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Completes futures off the event loop, one after the other on one thread of the executor, so that a burst of results
 * costs one hand-over and not a thread each: what a turn of the loop brings is handed over at its end, or when it is
 * {@link #MAX_PER_HAND_OVER} results.
 *
 * <p>What depends on a future runs right there and may block. The results behind it do not wait for that: when none was
 * taken for {@link #STALL_NS}, one more thread joins, and leaves when nothing is left. So there are as many threads as
 * dependents that block at a time, and those may even wait for each other.
 *
 * <p>Threading: {@link #execute} from any thread; {@link #onTick} on the event loop.
 */
public final class Completions implements Executor {
    static final long STALL_NS = TimeUnit.MILLISECONDS.toNanos(2);
    /** The first result of a turn waits no longer than these many take: some 50 µs. */
    static final int MAX_PER_HAND_OVER = 64;

    /** A thread that has not come by then was asked of an executor that has dropped the task. */
    static final long LOST_NS = TimeUnit.SECONDS.toNanos(1);

    private final Executor executor;
    private final Executor lastResort;
    private final BooleanSupplier inLoop;
    private final Runnable wakeLoop;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    /** One thread is asked for and has not begun yet; it will see everything that waits. */
    private final AtomicBoolean joining = new AtomicBoolean();
    // Written by whoever asks for a thread, before it does.
    private volatile long askedNs;

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong taken = new AtomicLong();

    // Owned by the event loop.
    private int gathered;
    private long takenBefore;
    private long stalledSinceNs;

    /**
     * @param lastResort is asked when {@code executor} has accepted and forgotten
     * @param inLoop whether the caller is the event loop, which comes to {@link #onTick} before it sleeps
     * @param wakeLoop makes it come there soon
     */
    public Completions(Executor executor, Executor lastResort, BooleanSupplier inLoop, Runnable wakeLoop) {
        this.executor = executor;
        this.lastResort = lastResort;
        this.inLoop = inLoop;
        this.wakeLoop = wakeLoop;
    }

    @Override
    public void execute(Runnable completion) {
        waiting.add(completion);
        if (!inLoop.getAsBoolean()) {
            handOver();
        } else if (++gathered == MAX_PER_HAND_OVER) {
            gathered = 0;
            handOver();
        }
    }

    private void handOver() {
        if (running.get() == 0) {
            join();
        } else if (!inLoop.getAsBoolean()) {
            wakeLoop.run(); // It sees when those that run are stalled.
        }
    }

    /** Sees to it that nothing waits for long; returns the nanoseconds until it wants to be called again. */
    public long onTick(long nowNs) {
        gathered = 0;
        if (!waiting.isEmpty()) {
            handOver();
        }
        long takenNow = taken.get();
        if (waiting.isEmpty() || takenNow != takenBefore) {
            takenBefore = takenNow;
            stalledSinceNs = nowNs;
        } else if (nowNs - stalledSinceNs >= STALL_NS) {
            stalledSinceNs = nowNs;
            join();
            if (joining.get() && nowNs - askedNs >= LOST_NS) {
                askedNs = nowNs;
                lastResort.execute(this::run);
            }
        }
        return waiting.isEmpty() ? Long.MAX_VALUE : STALL_NS - (nowNs - stalledSinceNs);
    }

    private void join() {
        if (joining.compareAndSet(false, true)) {
            askedNs = System.nanoTime();
            boolean accepted = false;
            try {
                executor.execute(this::run);
                accepted = true;
            } finally {
                if (!accepted) {
                    joining.set(false); // The next completion, or the next stall, tries again.
                }
            }
        }
    }

    private void run() {
        running.incrementAndGet(); // First, so that whoever adds finds a thread that joins or one that runs.
        joining.set(false);
        while (true) {
            try {
                completeAll();
            } finally {
                running.decrementAndGet();
            }
            if (waiting.isEmpty()) {
                return;
            }
            running.incrementAndGet(); // Added when this thread was as good as gone.
        }
    }

    private void completeAll() {
        Runnable next;
        while ((next = waiting.poll()) != null) {
            taken.incrementAndGet();
            next.run();
        }
    }
}
