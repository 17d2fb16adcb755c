package io.mallard.it.chaos;

import java.time.Duration;
import java.util.List;

/**
 * What goes wrong, and what is promised of it: the table by which a run is judged.
 *
 * <p>What happens to a server that does not carry the client's traffic, or to the way there, is to change nothing: {@link Promise#EXACT}.
 */
enum FaultKind {
    /** A server enters lame duck mode, exits, and is started again. The client leaves in good time: exact. */
    LAME_DUCK("lame duck", 5, 10, Promise.EXACT, Victim.values()),
    /** The same, while everything between the leaving server and the judge's is late, by less than publishes wait for: exact. */
    SLOW_LAME_DUCK("lame duck behind a slow route", 5, 10, Promise.EXACT, Victim.CARRIER),
    /** A server enters lame duck mode, and is killed while the client moves: what is not yet moved is on a broken connection. */
    LAME_DUCK_KILLED("lame duck, killed in the handover", 4, 3, Promise.BROKEN_CONNECTION, Victim.CARRIER),
    /** Each server in turn goes lame and comes back in the next version: exact. */
    UPGRADE("rolling upgrade", 12, 10, Promise.EXACT, Victim.CARRIER),
    /** SIGKILL: a broken connection. The server is started again. */
    KILL("kill -9", 4, 3, Promise.BROKEN_CONNECTION, Victim.values()),
    /** SIGSTOP, and SIGCONT before the client loses patience: everything is late, and exact. */
    PAUSE("a short stop", 3, 3, Promise.EXACT, Victim.values()),
    /**
     * SIGSTOP for longer than the client waits for PONGs, then SIGCONT: a silent server. Everything is in doubt that was written since;
     * the server passes it on when it wakes up.
     */
    HANG("a long stop", 6, 5, Promise.SILENT_SERVER, Victim.values()),
    /** RST from the way between client and server: a broken connection, of a server that lives on. */
    RESET("connection reset", 3, 3, Promise.BROKEN_CONNECTION, Victim.CARRIER, Victim.STANDBY),
    /** RST, and for a while nobody gets through from the client to that server: a broken connection. */
    CLIENT_PARTITION("client cut off from a server", 4, 3, Promise.BROKEN_CONNECTION, Victim.CARRIER, Victim.STANDBY),
    /**
     * RST, and for a while nobody gets through from the client to any server: a broken connection. What is published meanwhile waits
     * and is not in doubt, so it has to arrive; requests wait until their deadline.
     */
    OUTAGE("client cut off from all servers", 4, 5, Promise.BROKEN_CONNECTION, Victim.CARRIER),
    /** The routes from a server to all others are reset, and for a while no new ones get through: cut off, unless it is a bystander. */
    ROUTE_PARTITION("server cut off from the others", 5, 10, Promise.CUT_OFF, Victim.values()),
    /** Everything between the client's server and the others is late: exact. Elsewhere too little passes to show that it is. */
    ROUTE_DELAY("slow routes", 4, 3, Promise.EXACT, Victim.CARRIER);

    private final String text;
    private final Duration slot;
    private final Duration backWithin;
    private final Promise promise;
    // List.of: it cannot be changed.
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<Victim> victims;

    FaultKind(String text, int slotSeconds, int backWithinSeconds, Promise promise, Victim... victims) {
        this.text = text;
        this.slot = Duration.ofSeconds(slotSeconds);
        this.backWithin = Duration.ofSeconds(backWithinSeconds);
        this.promise = promise;
        this.victims = List.of(victims);
    }

    /** How long it takes from one of these to the next fault, when nothing is slow. */
    Duration slot() {
        return slot;
    }

    /**
     * The bound for the client to be back. It counts from the fault; where the client can do nothing before that ends (a short stop,
     * all servers cut off, a server cut off from the others), from its end.
     */
    Duration backWithin() {
        return backWithin;
    }

    List<Victim> victims() {
        return victims;
    }

    Promise promise(Victim victim) {
        return victim == Victim.CARRIER ? promise : Promise.EXACT;
    }

    @Override
    public String toString() {
        return text;
    }
}
