package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Counts numbered messages: which came, which came twice, whether they came in order.
 *
 * <p>Threading: thread-safe.
 */
final class Numbers {
    // Guarded by this.
    private final List<Long> received = new ArrayList<>();
    private final Set<Long> distinct = new HashSet<>();

    static byte[] payload(long number) {
        return Long.toString(number).getBytes(US_ASCII);
    }

    /** The number, with zeros behind it up to so many bytes. */
    static byte[] padded(long number, int bytes) {
        return Arrays.copyOf(payload(number), bytes);
    }

    /** The payload that was padded. */
    static byte[] unpadded(byte[] padded) {
        int end = 0;
        while (padded[end] != 0) {
            end++;
        }
        return Arrays.copyOf(padded, end);
    }

    synchronized void add(byte[] payload) {
        long number = Long.parseLong(new String(payload, US_ASCII));
        received.add(number);
        distinct.add(number);
    }

    synchronized List<Long> received() {
        return List.copyOf(received);
    }

    synchronized int count() {
        return received.size();
    }

    /** How many different numbers came. */
    synchronized int distinct() {
        return distinct.size();
    }

    synchronized boolean has(long number) {
        return distinct.contains(number);
    }

    /** Those of 1 to {@code last} that did not come. */
    synchronized List<Long> missing(long last) {
        return LongStream.rangeClosed(1, last)
                .filter(number -> !distinct.contains(number))
                .boxed()
                .toList();
    }

    /** How many came more often than once. */
    synchronized int duplicates() {
        return received.size() - distinct.size();
    }
}
