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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does a request take, one at a time? It is answered by a thread on a raw socket, or by a handler of a second
 * connection of the same client. A raw requester with a raw responder is the floor: nothing can be faster than two threads that
 * each do one blocking read and one write.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SyncRequest {
    private static final String SUBJECT = "pond.question";

    @Param({"mallard", "jnats", "raw"})
    private String client = "";

    /** Of the raw client both are the same. */
    @Param({"raw", "own"})
    private String responder = "";

    @Param("16")
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
    public void request() {
        requesting.request();
    }

    @TearDown
    public void close() {
        requesting.close();
        responding.close();
        server.close();
    }
}
