package io.mallard.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mallard.protocol.wire.MessageView;
import io.mallard.protocol.wire.ProtocolException;
import io.mallard.protocol.wire.ProtocolHandler;
import io.mallard.protocol.wire.ProtocolParser;
import io.mallard.protocol.wire.ServerInfo;
import io.mallard.protocol.wire.WireLimits;
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
import org.openjdk.jmh.infra.Blackhole;

/** What does it cost to read one MSG out of the read buffer, its payload included? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ParseMessage {
    @Param({"16", "128", "1024"})
    private int payloadBytes;

    private final ProtocolParser parser = new ProtocolParser(WireLimits.DEFAULTS);
    private ByteBuffer message = ByteBuffer.allocate(0);

    @Setup
    public void encode() {
        byte[] line = ("MSG orders.eu.created 42 " + payloadBytes + "\r\n").getBytes(US_ASCII);
        message = ByteBuffer.allocateDirect(line.length + payloadBytes + 2)
                .put(line)
                .put(new byte[payloadBytes])
                .put("\r\n".getBytes(US_ASCII));
    }

    @Benchmark
    public void parse(Blackhole blackhole) throws ProtocolException {
        parser.parse(message.flip(), new Consumer(blackhole));
    }

    private record Consumer(Blackhole blackhole) implements ProtocolHandler {
        @Override
        public void onMessage(MessageView view) {
            blackhole.consume(view.sid());
            blackhole.consume(view.payload());
        }

        @Override
        public void onInfo(ServerInfo info) {}

        @Override
        public void onPing() {}

        @Override
        public void onPong() {}

        @Override
        public void onOk() {}

        @Override
        public void onError(String text) {}
    }
}
