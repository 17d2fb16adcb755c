package io.mallard.it.soak;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What this process holds at one moment. A gauge that this system does not have is missing.
 *
 * <p>Threading: immutable.
 */
public record ProcessFigures(double atSeconds, Map<Gauge, Double> values) {
    private static final String CLIENT_THREAD = "mallard-";

    public ProcessFigures {
        values = Map.copyOf(values);
    }

    /** Collects garbage first. */
    public static ProcessFigures take(double atSeconds) {
        System.gc();
        Map<Gauge, Double> values = new EnumMap<>(Gauge.class);
        values.put(Gauge.LIVE_HEAP, (double) heapBehindCollection());
        values.put(Gauge.DIRECT_MEMORY, (double) directMemory());
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        values.put(Gauge.THREADS, (double) threads.getThreadCount());
        values.put(Gauge.CLIENT_THREADS, (double) clientThreads(threads));
        values.put(Gauge.LOADED_CLASSES, (double)
                ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            values.put(Gauge.DESCRIPTORS, (double) unix.getOpenFileDescriptorCount());
        }
        return new ProcessFigures(atSeconds, values);
    }

    /** What the collection has left, and not what has come since. */
    private static long heapBehindCollection() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getCollectionUsage)
                .filter(Objects::nonNull)
                .mapToLong(MemoryUsage::getUsed)
                .sum();
    }

    private static long directMemory() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long clientThreads(ThreadMXBean threads) {
        Stream<ThreadInfo> infos =
                Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds())).filter(Objects::nonNull);
        return infos.filter(info -> info.getThreadName().startsWith(CLIENT_THREAD))
                .count();
    }
}
