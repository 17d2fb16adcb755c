package io.mallard.benchmarks;

import io.mallard.protocol.wire.ProtocolEncoder;
import io.mallard.protocol.wire.Subjects;
import java.nio.ByteBuffer;
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

/** What does it cost a caller to check a subject and encode one PUB? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EncodePublish {
    private static final String SUBJECT = "orders.eu.created";

    @Param({"16", "128", "1024", "65536"})
    private int payloadBytes;

    private byte[] payload = {};
    private ByteBuffer target = ByteBuffer.allocate(0);

    @Setup
    public void allocate() {
        payload = new byte[payloadBytes];
        target = ByteBuffer.allocateDirect(payloadBytes + 128);
    }

    @Benchmark
    public ByteBuffer encode() {
        int size = ProtocolEncoder.pubSize(Subjects.checkPublish(SUBJECT), 0, 0, payload.length);
        target.clear().limit(size);
        ProtocolEncoder.pub(target, SUBJECT, null, null, payload, 0, payload.length);
        return target;
    }
}
