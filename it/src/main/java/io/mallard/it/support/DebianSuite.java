package io.mallard.it.support;

import java.util.Locale;

/** The Debian suites a nats-server is taken from: two that stand still at a generation, and the one that moves. */
enum DebianSuite {
    BOOKWORM("2.9"),
    TRIXIE("2.10"),
    /** Everything newer. */
    SID("");

    private final String generation;

    DebianSuite(String generation) {
        this.generation = generation;
    }

    static DebianSuite of(RequestedVersion requested) {
        for (DebianSuite suite : values()) {
            if (suite != SID && (requested.text() + ".").startsWith(suite.generation + ".")) {
                return suite;
            }
        }
        return SID;
    }

    boolean mayHold(ServerVersion version) {
        if (this != SID) {
            return version.hasPrefix(generation);
        }
        return !BOOKWORM.mayHold(version) && !TRIXIE.mayHold(version);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
