package io.mallard.internal;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.ReconnectDelay;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.route.StandbyPool;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the user how long to wait after a round of attempts that has failed, off the event loop. Whatever the user's code
 * does meanwhile, the next round comes.
 *
 * <p>Threading: owned by the event loop.
 */
final class AskedDelay {
    /** How long an answer is waited for. */
    static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final Duration LONGEST = Duration.ofDays(365);

    private final ReconnectDelay delay;
    private final Executor executor;
    private final Executor loop;
    private final StandbyPool standbys;
    private final ListenerNotifier listener;
    private final EventLog log;
    /** So that an answer that comes too late answers nothing else. */
    private long questions;
    /** The user's code has not come back yet. */
    private boolean asking;

    AskedDelay(
            ReconnectDelay delay,
            Executor executor,
            Executor loop,
            StandbyPool standbys,
            ListenerNotifier listener,
            EventLog log) {
        this.delay = delay;
        this.executor = executor;
        this.loop = loop;
        this.standbys = standbys;
        this.listener = listener;
        this.log = log;
    }

    /** A round has failed, the {@code failedRounds}th in a row, just now. */
    void ask(int failedRounds, long nowNs) {
        long question = ++questions;
        if (asking) {
            return;
        }
        long usualNs = standbys.nextRoundNs();
        standbys.nextRoundAt(nowNs + PATIENCE_NS);
        asking = true;
        try {
            executor.execute(() -> answer(question, failedRounds, nowNs, usualNs));
        } catch (RejectedExecutionException e) {
            onAnswer(question, usualNs);
        }
    }

    /** On the executor. */
    private void answer(long question, int failedRounds, long askedNs, long usualNs) {
        long nextNs = usualNs;
        try {
            nextNs = askedNs + usable(delay.after(failedRounds)).toNanos();
        } catch (Throwable e) { // Whatever it is, it ends nothing.
            NatsException useless = new NatsException(
                    NatsStatus.ERR, "reconnectDelay gives no delay, so the options do: " + e.getMessage(), e);
            log.delayUseless(useless);
            listener.tell(l -> l.onError(useless));
        }
        long answerNs = nextNs;
        try {
            loop.execute(() -> onAnswer(question, answerNs));
        } catch (RejectedExecutionException e) {
            // The client was closed meanwhile.
        }
    }

    private static Duration usable(@Nullable Duration given) {
        if (given == null || given.isNegative() || given.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("it has returned " + given);
        }
        return given;
    }

    private void onAnswer(long question, long nextNs) {
        asking = false;
        if (question == questions) {
            standbys.nextRoundAt(nextNs);
        }
    }
}
