package io.mallard.benchmarks;

import io.mallard.benchmarks.client.Contender;
import io.mallard.benchmarks.client.Requesting;
import io.mallard.benchmarks.client.Responding;
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
 * How many requests a second are answered when one thread keeps 256 of them in flight? They are answered as those of
 * {@link SyncRequest}; the raw client writes as many requests as answers have come, at once.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AsyncRequests {
    private static final String SUBJECT = "pond.question";
    private static final int IN_FLIGHT = 256;
    private static final int BATCH = 10_000;

    @Param({"mallard", "jnats", "raw"})
    private String client = "";

    /** Of the raw client both are the same. */
    @Param({"raw", "own"})
    private String responder = "";

    @Param("128")
    private int payloadBytes;

    private BenchmarkServer server;
    private Responding responding;
    private Requesting requesting;

    @Setup
    public void open() {
        server = BenchmarkServer.open();
        responding =
                Contender.named(responder.equals("own") ? client : responder).responding(server.url(), SUBJECT);
        requesting = Contender.named(client).requesting(new Traffic(server.url(), SUBJECT, payloadBytes));
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void request() {
        requesting.request(BATCH, IN_FLIGHT);
    }

    @TearDown
    public void close() {
        requesting.close();
        responding.close();
        server.close();
    }
}
