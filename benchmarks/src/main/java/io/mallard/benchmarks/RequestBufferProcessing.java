package io.mallard.benchmarks;

import io.mallard.internal.connection.ServerConnection;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does it take to send all requests that have waited for a connection, once there is one? Up to a socket that costs
 * nothing; 1,000 of them are to take less than 50 ms.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RequestBufferProcessing {
    @Param("1000")
    private int requests;

    @Param("128")
    private int payloadBytes;

    private byte[] payload;
    private EventLoop neverStarted;
    private ServerConnection connection;
    private WaitingRequests waiting;

    @Setup
    public void open() throws IOException {
        payload = new byte[payloadBytes];
        neverStarted = new EventLoop("never-started", failure -> {});
    }

    @Setup(Level.Invocation)
    public void queue() throws IOException {
        connection = DiscardingConnection.open(neverStarted);
        waiting = new WaitingRequests(neverStarted, requests);
        for (int i = 0; i < requests; i++) {
            waiting.ask("pond.question", payload);
        }
    }

    @Benchmark
    public int send() {
        waiting.sendTo(connection);
        if (waiting.waiting() > 0) {
            throw new IllegalStateException(waiting.waiting() + " of " + requests + " requests still wait");
        }
        return waiting.waiting();
    }
}
