package io.mallard.it.soak;

import java.util.Locale;

/** What a process holds, and by how much each may grow in a run that counts as flat. */
public enum Gauge {
    /** Behind a collection: what is reachable, and no garbage. */
    LIVE_HEAP("live heap", "MiB", 1 << 20, 1 << 20, 0.03),
    /** The buffers of the client, and those that the JDK keeps for sockets and files. */
    DIRECT_MEMORY("direct memory", "KiB", 1 << 10, 512 << 10, 0.03),
    /** Those of the client alone, by their names. */
    CLIENT_THREADS("threads of the client", "", 1, 1, 0),
    THREADS("all threads", "", 1, 1, 0),
    /** Files and sockets, with those of the judge and of the servers' supervision. */
    DESCRIPTORS("file descriptors", "", 1, 2, 0),
    LOADED_CLASSES("loaded classes", "", 1, 100, 0);

    private final String label;
    private final String unit;
    private final double unitSize;
    private final double allowedAtLeast;
    private final double allowedShare;

    Gauge(String label, String unit, double unitSize, double allowedAtLeast, double allowedShare) {
        this.label = label;
        this.unit = unit;
        this.unitSize = unitSize;
        this.allowedAtLeast = allowedAtLeast;
        this.allowedShare = allowedShare;
    }

    public String label() {
        return unit.isEmpty() ? label : label + ", " + unit;
    }

    /** So much more than this is still the same. */
    double allowed(double held) {
        return Math.max(allowedAtLeast, allowedShare * held);
    }

    /** The number to show under the {@link #label}. */
    public double inUnits(double value) {
        return value / unitSize;
    }

    /** The same in words. */
    public String text(double value) {
        return String.format(Locale.ROOT, "%.2f", inUnits(value));
    }
}
