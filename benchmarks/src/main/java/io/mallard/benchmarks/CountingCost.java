package io.mallard.benchmarks;

import io.mallard.ClientMetrics;
import io.mallard.NatsClient;
import io.mallard.internal.observe.DurationHistogram;
import io.mallard.it.support.NatsServer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What it costs to count, and to ask. Nothing of it is on the way of a message, except for counters that were there anyway. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CountingCost {
    private final DurationHistogram histogram = new DurationHistogram();
    private NatsServer server;
    private NatsClient client;
    private long durationNs = 1;

    @Setup
    public void connect() {
        server = NatsServer.startDefault();
        client = NatsClient.connect(server.url());
    }

    @TearDown
    public void close() {
        client.close();
        server.close();
    }

    /** One duration into a histogram. */
    @Benchmark
    public void record() {
        durationNs = durationNs * 6364136223846793005L + 1;
        histogram.record(durationNs >>> 34);
    }

    /** The whole snapshot, which a registry takes once for every meter. */
    @Benchmark
    public ClientMetrics snapshot() {
        return client.metrics();
    }
}
