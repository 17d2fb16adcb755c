package io.mallard.it.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Judges how many publishes a client reports as in doubt, by what it accepted, when, and what arrived: enough, so that none
 * is lost in silence, and not just any number that is large enough.
 *
 * <p>Threading: thread-safe.
 */
final class DoubtJudge {
    private final Map<Long, Long> acceptedNs = new ConcurrentHashMap<>();

    /** The client has taken this publish. */
    void accepted(long number, long nowNs) {
        acceptedNs.put(number, nowNs);
    }

    /**
     * What is wrong with a report: nothing if it is a good one.
     *
     * @param fromNs no publish accepted before that can be in doubt
     * @param toNs when the connection was lost
     */
    List<String> findings(Numbers arrived, long inDoubt, long fromNs, long toNs) {
        long lost = acceptedNs.keySet().stream()
                .filter(number -> !arrived.has(number))
                .count();
        long candidates = acceptedNs.values().stream()
                .filter(ns -> ns - fromNs >= 0 && toNs - ns >= 0)
                .count();
        List<String> findings = new ArrayList<>();
        if (lost > inDoubt) {
            findings.add(lost + " lost, and only " + inDoubt + " in doubt");
        }
        if (inDoubt > candidates) {
            findings.add(inDoubt + " in doubt, and only " + candidates + " accepted in that time");
        }
        return findings;
    }
}
