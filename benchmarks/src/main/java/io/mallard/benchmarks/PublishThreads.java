package io.mallard.benchmarks;

import io.mallard.benchmarks.client.Contender;
import io.mallard.benchmarks.client.Publishing;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many messages a second can several threads publish through one client, all together? There is no raw socket to compare
 * with: it has one writer.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PublishThreads {
    private static final int BATCH = 5_000;

    @Param({"mallard", "jnats"})
    private String client = "";

    @Param("128")
    private int payloadBytes;

    private BenchmarkServer server;
    private Publishing publishing;

    @Setup
    public void open() {
        server = BenchmarkServer.open();
        publishing = Contender.named(client).publishing(new Traffic(server.url(), "pond.duck", payloadBytes));
    }

    @Benchmark
    @Threads(1)
    @OperationsPerInvocation(BATCH)
    public void one() {
        publishing.publish(BATCH);
    }

    @Benchmark
    @Threads(2)
    @OperationsPerInvocation(BATCH)
    public void two() {
        publishing.publish(BATCH);
    }

    @Benchmark
    @Threads(4)
    @OperationsPerInvocation(BATCH)
    public void four() {
        publishing.publish(BATCH);
    }

    @Benchmark
    @Threads(8)
    @OperationsPerInvocation(BATCH)
    public void eight() {
        publishing.publish(BATCH);
    }

    @TearDown
    public void close() {
        publishing.close();
        server.close();
    }
}
