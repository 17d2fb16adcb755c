package io.mallard.benchmarks;

import io.mallard.benchmarks.client.Contender;
import io.mallard.benchmarks.client.Delivering;
import io.mallard.benchmarks.client.Traffic;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many messages a second can one client publish and receive, on one connection? A batch ends when its last message was
 * delivered to a handler, which the client calls where it calls all handlers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PublishAndDeliver {
    private static final int BATCH = 20_000;

    @Param({"mallard", "jnats", "raw"})
    private String client = "";

    @Param("128")
    private int payloadBytes;

    private BenchmarkServer server;
    private Delivering delivering;

    @Setup
    public void open() {
        server = BenchmarkServer.open();
        delivering = Contender.named(client).delivering(new Traffic(server.url(), "pond.duck", payloadBytes));
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void deliver() {
        delivering.deliver(BATCH);
    }

    @TearDown
    public void close() {
        delivering.close();
        server.close();
    }
}
