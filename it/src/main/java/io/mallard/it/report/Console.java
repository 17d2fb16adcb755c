package io.mallard.it.report;

import io.mallard.it.run.RunObserver;
import io.mallard.it.run.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells a run on a terminal: one line that is written over and over while it goes on, or a plain line now and then where nobody is
 * looking; then what came of it.
 *
 * <p>Threading: any thread.
 */
public final class Console implements RunObserver {
    private static final long LIVE_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long PLAIN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(2);

    private static final int BAR_WIDTH = 20;

    // What terminals have understood since the VT100.
    private static final String WRAP_OFF = "\033[?7l";
    private static final String WRAP_ON = "\033[?7h";
    private static final String ERASE = "\033[K";

    private final PrintStream out;
    private final boolean live;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private String phase = "";
    private double done;
    private Snapshot snapshot = new Snapshot(0, 0, 0, 0, 0, 0, 0, 0, 0);
    private long printedNs = System.nanoTime() - PLAIN_INTERVAL_NS;

    /** Writes to standard output, for a person if it goes to a terminal. */
    public static Console standard() {
        return new Console(System.out, isTerminal());
    }

    /** @param live whether somebody is looking, so that a line can be written over */
    public Console(PrintStream out, boolean live) {
        this.out = out;
        this.live = live;
    }

    @Override
    public void onPhase(String newPhase) {
        lock.lock();
        try {
            phase = newPhase;
            printProgress();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onProgress(double newDone) {
        lock.lock();
        try {
            done = newDone;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onSnapshot(Snapshot newSnapshot) {
        lock.lock();
        try {
            snapshot = newSnapshot;
            if (System.nanoTime() - printedNs >= (live ? LIVE_INTERVAL_NS : PLAIN_INTERVAL_NS)) {
                printProgress();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Puts lines where the progress line was; that goes on below them. */
    public void print(String lines) {
        lock.lock();
        try {
            if (live) {
                out.print("\r" + ERASE);
            }
            out.println(lines);
            out.flush();
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody is looking. */
    boolean isLive() {
        return live;
    }

    /** What broke, and the verdict as the last line, for scripts. */
    public void printVerdict(Verdict verdict) {
        verdict.broken().forEach(sentence -> print("broken: " + sentence));
        print(verdict.line());
    }

    private void printProgress() {
        printedNs = System.nanoTime();
        String line = String.format(
                Locale.ROOT,
                "%s%3.0f %%  %-24s requests %d ok %d failed, now %.1f ms, worst %.1f ms | published %d, lost %d | sent %d, lost %d",
                live ? bar() : "",
                100 * done,
                phase,
                snapshot.requestsOk(),
                snapshot.requestsFailed(),
                snapshot.recentMs(),
                snapshot.worstMs(),
                snapshot.published(),
                snapshot.publishesLost(),
                snapshot.sent(),
                snapshot.receivesLost());
        if (live) {
            // Where there is no room for all of it, the end is missing: on a second line it could not be written over.
            out.print("\r" + ERASE + WRAP_OFF + line + WRAP_ON);
        } else {
            out.println(line);
        }
        out.flush();
    }

    private String bar() {
        int full = (int) (done * BAR_WIDTH);
        return "[" + "#".repeat(full) + "-".repeat(BAR_WIDTH - full) + "] ";
    }

    /** Asks the system where standard output goes: {@link System#console} answers that on some JDKs only. */
    private static boolean isTerminal() {
        try {
            String device = Path.of("/dev/stdout").toRealPath().toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
        } catch (IOException e) {
            // A pipe has no path.
            return false;
        }
    }
}
