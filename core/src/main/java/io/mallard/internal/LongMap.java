package io.mallard.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A map from long to object whose look-ups neither lock nor allocate: open addressing in a table that writers replace
 * when it fills up.
 *
 * <p>Threading: safe from any thread. A look-up that runs beside an insertion may miss it; one that runs after it,
 * does not; none finds the value of another key.
 */
public final class LongMap<V> {
    private static final int INITIAL_CAPACITY = 16;

    /** A key with its value; a removed one stays in its place, without a value, so that a search goes on behind it. */
    private static final class Entry<V> {
        final long key;
        volatile @Nullable V value;

        Entry(long key, V value) {
            this.key = key;
            this.value = value;
        }
    }

    // Guarded by lock for writing; entries are published and read with volatile semantics.
    private volatile AtomicReferenceArray<@Nullable Entry<V>> table = new AtomicReferenceArray<>(INITIAL_CAPACITY);
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private int used;
    private int size;

    public @Nullable V get(long key) {
        AtomicReferenceArray<@Nullable Entry<V>> entries = table;
        Entry<V> entry = entries.get(indexOf(entries, key));
        // A place that was empty a moment ago may hold another key by now.
        return entry == null || entry.key != key ? null : entry.value;
    }

    /** Adds a key that is not in the map. */
    public void put(long key, V value) {
        lock.lock();
        try {
            if (4 * (used + 1) > 3 * table.length()) {
                rebuild();
            }
            AtomicReferenceArray<@Nullable Entry<V>> entries = table;
            int index = indexOf(entries, key);
            if (entries.get(index) == null) {
                used++;
            }
            entries.set(index, new Entry<>(key, value));
            size++;
        } finally {
            lock.unlock();
        }
    }

    public @Nullable V remove(long key) {
        lock.lock();
        try {
            AtomicReferenceArray<@Nullable Entry<V>> entries = table;
            Entry<V> entry = entries.get(indexOf(entries, key));
            V value = entry == null ? null : entry.value;
            if (entry != null && value != null) {
                entry.value = null;
                size--;
            }
            return value;
        } finally {
            lock.unlock();
        }
    }

    public int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    /** A copy of the values, in no order. */
    public List<V> values() {
        lock.lock();
        try {
            List<V> values = new ArrayList<>(size);
            for (int i = 0; i < table.length(); i++) {
                Entry<V> entry = table.get(i);
                V value = entry == null ? null : entry.value;
                if (value != null) {
                    values.add(value);
                }
            }
            return values;
        } finally {
            lock.unlock();
        }
    }

    /** Where the key is, or where it would go. A table is never full, so the search ends. */
    private static <V> int indexOf(AtomicReferenceArray<@Nullable Entry<V>> entries, long key) {
        int mask = entries.length() - 1;
        int index = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (true) {
            Entry<V> entry = entries.get(index);
            if (entry == null || entry.key == key) {
                return index;
            }
            index = (index + 1) & mask;
        }
    }

    /** Drops the removed entries, and doubles the table if that is not enough. */
    private void rebuild() {
        assert lock.isHeldByCurrentThread();
        AtomicReferenceArray<@Nullable Entry<V>> old = table;
        int capacity = 2 * (size + 1) > old.length() ? 2 * old.length() : old.length();
        AtomicReferenceArray<@Nullable Entry<V>> rebuilt = new AtomicReferenceArray<>(capacity);
        for (int i = 0; i < old.length(); i++) {
            Entry<V> entry = old.get(i);
            if (entry != null && entry.value != null) {
                rebuilt.set(indexOf(rebuilt, entry.key), entry);
            }
        }
        used = size;
        table = rebuilt;
    }
}
