package io.mallard.benchmarks;

import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * How many bytes does a request hold while it waits for a connection? The heap behind a garbage collection, before so many of
 * them were made and after, divided by their number: {@code bytesPerRequest}, in a single iteration because
 * JMH would add up those of several. The time is that of making them.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 1)
@Fork(1)
public class RequestBufferMemory {
    /** The requests, and what JMH shows beside the time. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Queue {
        public double bytesPerRequest;

        @Param({"1000", "10000", "100000"})
        private int requests;

        @Param({"128", "1024"})
        private int payloadBytes;

        private byte[] payload;
        private WaitingRequests waiting;
        private long usedBefore;

        @Setup(Level.Iteration)
        public void open(IterationParams iterations) throws IOException {
            if (iterations.getType() == IterationType.MEASUREMENT && iterations.getCount() != 1) {
                throw new IllegalArgumentException(
                        "JMH adds up bytesPerRequest of " + iterations.getCount() + " iterations: measure with -i 1");
            }
            payload = new byte[payloadBytes];
            waiting = new WaitingRequests(new EventLoop("never-started", failure -> {}), requests);
            usedBefore = usedBytes();
        }

        @TearDown(Level.Iteration)
        public void count() {
            if (waiting.waiting() != requests) {
                throw new IllegalStateException(waiting.waiting() + " of " + requests + " requests wait");
            }
            bytesPerRequest = (double) (usedBytes() - usedBefore) / requests;
        }
    }

    @Benchmark
    public void ask(Queue queue) {
        for (int i = 0; i < queue.requests; i++) {
            queue.waiting.ask("pond.question", queue.payload);
        }
    }

    private static long usedBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
