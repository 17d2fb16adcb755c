package io.mallard.it.judge;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A set of numbers, kept as the runs without a gap that it consists of. Numbers that come almost in order and almost without a gap
 * cost no memory: a run of an hour is a few runs here, and a hole in it is one more.
 *
 * <p>Threading: guarded by its owner.
 */
final class NumberRuns {
    private static final int INITIAL_RUNS = 4;

    // Run i has the numbers from begins[i] to ends[i], that one excluded; none meets the next one.
    private int[] begins = new int[INITIAL_RUNS];
    private int[] ends = new int[INITIAL_RUNS];
    private int count;

    /** False if it is there already. */
    boolean add(int number) {
        int next = firstEndingBehind(number);
        if (next < count && begins[next] <= number) {
            return false;
        }
        boolean meetsPrevious = next > 0 && ends[next - 1] == number;
        boolean meetsNext = next < count && begins[next] == number + 1;
        if (meetsPrevious && meetsNext) {
            ends[next - 1] = ends[next];
            remove(next);
        } else if (meetsPrevious) {
            ends[next - 1] = number + 1;
        } else if (meetsNext) {
            begins[next] = number;
        } else {
            insert(next, number);
        }
        return true;
    }

    boolean contains(int number) {
        int run = firstEndingBehind(number);
        return run < count && begins[run] <= number;
    }

    /** One more than the highest number; 0 if there is none. */
    int length() {
        return count == 0 ? 0 : ends[count - 1];
    }

    int runs() {
        return count;
    }

    /** The numbers of a range, each less the first of the range. */
    BitSet between(int first, int end) {
        BitSet numbers = new BitSet(Math.max(0, end - first));
        for (int run = firstEndingBehind(first); run < count && begins[run] < end; run++) {
            numbers.set(Math.max(begins[run], first) - first, Math.min(ends[run], end) - first);
        }
        return numbers;
    }

    long size() {
        long size = 0;
        for (int run = 0; run < count; run++) {
            size += ends[run] - begins[run];
        }
        return size;
    }

    private int firstEndingBehind(int number) {
        int found = Arrays.binarySearch(ends, 0, count, number + 1);
        return found >= 0 ? found : -found - 1;
    }

    private void insert(int at, int number) {
        if (count == begins.length) {
            begins = Arrays.copyOf(begins, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        System.arraycopy(begins, at, begins, at + 1, count - at);
        System.arraycopy(ends, at, ends, at + 1, count - at);
        begins[at] = number;
        ends[at] = number + 1;
        count++;
    }

    private void remove(int run) {
        System.arraycopy(begins, run + 1, begins, run, count - run - 1);
        System.arraycopy(ends, run + 1, ends, run, count - run - 1);
        count--;
    }
}
