package io.mallard.it.support;

import java.time.Duration;

/**
 * One thing that is wrong with a direction of a {@link TcpProxy}. Faults of different kinds are there together.
 *
 * <p>Threading: immutable.
 */
public sealed interface Fault {
    /** Everything is late by this much, in order and without a limit to the throughput. */
    record Delay(Duration delay) implements Fault {
        public Delay {
            requirePositive("delay", delay.toNanos());
        }
    }

    /** Everything is late by something from nothing to this much, in order. */
    record Jitter(Duration most) implements Fault {
        public Jitter {
            requirePositive("most", most.toNanos());
        }
    }

    /** No more than so many bytes get through in a second; who sends more has to wait. */
    record Throttle(int bytesPerSecond) implements Fault {
        public Throttle {
            requirePositive("bytesPerSecond", bytesPerSecond);
        }
    }

    /** Every byte goes on by a write of its own. */
    record SingleBytes() implements Fault {}

    /** Nothing is read any more, so that who sends has to wait; it all goes on when the fault is gone. */
    record Stall() implements Fault {}

    /** The first connection that has passed on so many bytes ends there, and with it the fault. */
    record CutAfter(long bytes) implements Fault {
        public CutAfter {
            requirePositive("bytes", bytes);
        }
    }

    /** The first connection to carry a message ends in the middle of its payload, and with it the fault. Not for what is encrypted. */
    record CutInPayload() implements Fault {}

    /** Single bits are flipped, on average one in so many bytes. */
    record Corrupt(int averageBytes) implements Fault {
        public Corrupt {
            requirePositive("averageBytes", averageBytes);
        }
    }

    /**
     * Everything is taken and nothing comes out, not even an end. A connection that has lost something so stays dead when the fault
     * is gone, and one that was accepted meanwhile never has another side.
     */
    record BlackHole() implements Fault {}

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + "=" + value + ", must be > 0");
        }
    }
}
