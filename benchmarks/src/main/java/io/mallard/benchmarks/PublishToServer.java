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
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many messages a second can one thread publish to a real server? Every batch ends with a PING and its PONG, so a message
 * counts when the server has processed it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PublishToServer {
    private static final int BATCH = 20_000;

    @Param({"mallard", "jnats", "raw"})
    private String client = "";

    @Param({"16", "128", "1024", "65536"})
    private int payloadBytes;

    private BenchmarkServer server;
    private Publishing publishing;

    @Setup
    public void open() {
        server = BenchmarkServer.open();
        publishing = Contender.named(client).publishing(new Traffic(server.url(), "pond.duck", payloadBytes));
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void publish() {
        publishing.publish(BATCH);
    }

    @TearDown
    public void close() {
        publishing.close();
        server.close();
    }
}
