package io.mallard.benchmarks;

import io.mallard.internal.publish.Publisher;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
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
import org.openjdk.jmh.annotations.Warmup;

/** What does a publish cost the caller, and allocate, up to a socket that costs nothing? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PublishPath {
    @Param({"16", "128", "1024", "65536"})
    private int payloadBytes;

    private byte[] payload;
    private Publisher publisher;

    @Setup
    public void open() throws IOException {
        EventLoop neverStarted = new EventLoop("never-started", failure -> {});
        Router router = new Router(Route.to(DiscardingConnection.open(neverStarted)));
        publisher = new Publisher(router, neverStarted, TimeUnit.SECONDS.toNanos(10), full -> {});
        payload = new byte[payloadBytes];
    }

    @Benchmark
    public void publish() {
        publisher.publish("pond.duck", null, payload, 0, payload.length);
    }
}
