package io.mallard.it.load;

/**
 * A time of a run, in seconds from its start: behind the one moment and not behind the other.
 *
 * <p>Threading: immutable.
 */
public record Window(double fromSeconds, double toSeconds) {
    public double seconds() {
        return toSeconds - fromSeconds;
    }

    public boolean contains(double atSeconds) {
        return atSeconds > fromSeconds && atSeconds <= toSeconds;
    }
}
