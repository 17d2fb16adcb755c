package io.mallard.internal.subscribe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mallard.ConnectionOptions;
import io.mallard.HandoverMode;
import io.mallard.HandoverOptions;
import io.mallard.NatsMessage;
import io.mallard.PendingOptions;
import io.mallard.Subscription;
import io.mallard.SyncSubscription;
import io.mallard.internal.ContentHash;
import io.mallard.internal.connection.Introduction;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.handover.Overlap;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.Transport;
import io.mallard.protocol.wire.ConnectInfo;
import io.mallard.protocol.wire.MessageView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a message allocates on its way from the socket to its handler, counted by the JVM on the test's own thread. */
class DeliverAllocationTest {
    private static final int MESSAGES = 500;
    private static final int WARM_UP_ROUNDS = 50;

    /** The header of the payload's array, and the message around it; the subject is that of the subscription. */
    private static final int BYTES_BESIDES_PAYLOAD = 64;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Source source = new Source();
    private final SubscriptionRegistry subscriptions = new SubscriptionRegistry(PendingOptions.DEFAULTS, true);
    private final Overlap overlap =
            new Overlap(subscriptions, HandoverMode.EXACT, HandoverOptions.DEFAULT_MAX_HELD_BYTES, new ContentHash(1));
    private final ServerConnection connection;
    private long handled;

    DeliverAllocationTest() throws IOException {
        EventLoop neverStarted = new EventLoop("never-started", failure -> {});
        connection = ServerConnection.open(
                neverStarted,
                new ServerAddress("a", 4222),
                events -> source,
                Introduction.of(ConnectInfo.builder().version("0").build()),
                ConnectionOptions.DEFAULTS,
                new TrafficCounters(),
                Long.MAX_VALUE,
                new RecordingOwner() {
                    @Override
                    public void onMessage(ServerConnection via, MessageView message) {
                        overlap.onMessage(via, message);
                    }
                });
        connection.onConnected();
        source.gives("INFO {}\r\nPONG\r\n".getBytes(US_ASCII));
        read();
        connection.replier((subject, payload) -> {});
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 128, 64 << 10})
    void deliveringAllocatesThePayloadAndTheMessage(int payloadBytes) {
        Subscription subscription =
                subscriptions.add("pond.duck", null, message -> handled++, Runnable::run, new NoClient());
        byte[] batch = messages(((ActiveSubscription) subscription).sid(), payloadBytes);
        assertAllocatesNoMore(batch, payloadBytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 16, Long.MAX_VALUE})
    void requestingMessagesAllocatesNoMore(long atATime) {
        int payloadBytes = 128;
        FlowSubscription stream = subscriptions.addFlow(
                "pond.duck", null, requesting(atATime), Runnable::run, PendingOptions.DEFAULTS, new NoClient());
        stream.start(subscribed -> {});
        byte[] batch = messages(stream.sid(), payloadBytes);
        assertAllocatesNoMore(batch, payloadBytes);
    }

    private void assertAllocatesNoMore(byte[] batch, int payloadBytes) {
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            source.gives(batch);
            read();
        }
        assertThat(handled).isEqualTo((long) WARM_UP_ROUNDS * MESSAGES);

        source.gives(batch);
        long before = threads.getCurrentThreadAllocatedBytes();
        read();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated / MESSAGES).isBetween((long) payloadBytes, (long) payloadBytes + BYTES_BESIDES_PAYLOAD);
    }

    private Flow.Subscriber<NatsMessage> requesting(long atATime) {
        return new Flow.Subscriber<>() {
            private Flow.Subscription subscription;

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                given.request(atATime);
            }

            @Override
            public void onNext(NatsMessage message) {
                if (++handled % atATime == 0) {
                    subscription.request(atATime);
                }
            }

            @Override
            public void onError(Throwable failure) {
                throw new AssertionError(failure);
            }

            @Override
            public void onComplete() {}
        };
    }

    @Test
    void askingForAMessageAllocatesNoMore() {
        int payloadBytes = 128;
        SyncSubscription asked = subscriptions.addAsked("pond.duck", null, new NoClient());
        byte[] batch = messages(((ActiveSubscription) asked).sid(), payloadBytes);
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            readAndAsk(asked, batch);
        }

        long before = threads.getCurrentThreadAllocatedBytes();
        readAndAsk(asked, batch);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated / MESSAGES).isBetween((long) payloadBytes, (long) payloadBytes + BYTES_BESIDES_PAYLOAD);
    }

    private void readAndAsk(SyncSubscription asked, byte[] batch) {
        source.gives(batch);
        read();
        for (int i = 0; i < MESSAGES; i++) {
            if (asked.nextMessage(Duration.ZERO) == null) {
                throw new AssertionError("no message " + i);
            }
        }
    }

    private static byte[] messages(long sid, int payloadBytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < MESSAGES; i++) {
            bytes.writeBytes(("MSG pond.duck " + sid + " " + payloadBytes + "\r\n").getBytes(US_ASCII));
            bytes.writeBytes(new byte[payloadBytes]);
            bytes.writeBytes("\r\n".getBytes(US_ASCII));
        }
        return bytes.toByteArray();
    }

    /** Full buffers, as a busy socket gives them. */
    private void read() {
        while (source.hasMore()) {
            connection.onReadable();
            subscriptions.onTick();
        }
    }

    /** Gives what it was given, and takes everything. */
    private static final class Source implements Transport {
        private byte[] bytes = {};
        private int position;

        void gives(byte[] more) {
            bytes = more;
            position = 0;
        }

        boolean hasMore() {
            return position < bytes.length;
        }

        @Override
        public int read(ByteBuffer target) {
            int count = Math.min(target.remaining(), bytes.length - position);
            target.put(bytes, position, count);
            position += count;
            return count;
        }

        @Override
        public boolean write(ByteBuffer from) {
            from.position(from.limit());
            return true;
        }

        @Override
        public void requestWrite() {}

        @Override
        public void events(Events newOwner) {}

        @Override
        public void close() {}
    }
}
