package io.mallard.internal.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mallard.ConnectionOptions;
import io.mallard.NatsMessage;
import io.mallard.RequestOptions;
import io.mallard.internal.connection.Introduction;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.outbound.DiscardingTransport;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.wire.ConnectInfo;
import io.mallard.protocol.wire.MessageView;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an asynchronous request allocates from the call to the completed future, counted by the JVM on the test's own
 * thread. Left out is what depends on the reply: its subject and its payload, which the parser makes.
 */
class RequestAllocationTest {
    private static final NatsMessage.Replier NOBODY = (subject, payload) -> {};
    private static final int REQUESTS = 1_000;
    private static final int WARM_UP_ROUNDS = 50;
    private static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofSeconds(30));

    /** The request, the future, the reply and its subject; not room enough for a copied payload. */
    private static final long BYTES_PER_REQUEST = 208;

    /** The reply to the request with the token it is set to. */
    private static final class Reply implements MessageView {
        private final byte[] prefix;
        private final byte[] payload = new byte[16];
        private long token;
        private int digits;

        Reply(byte[] prefix) {
            this.prefix = prefix;
        }

        void answer(long newToken) {
            token = newToken;
            digits = 1;
            for (long rest = newToken; rest >= 10; rest /= 10) {
                digits++;
            }
        }

        @Override
        public long sid() {
            return Inbox.SID;
        }

        @Override
        public String subject() {
            return "_INBOX";
        }

        @Override
        public int subjectLength() {
            return prefix.length + digits;
        }

        @Override
        public byte subjectByte(int index) {
            if (index < prefix.length) {
                return prefix[index];
            }
            long digit = token;
            for (int i = prefix.length + digits - 1; i > index; i--) {
                digit /= 10;
            }
            return (byte) ('0' + digit % 10);
        }

        @Override
        public boolean subjectEquals(byte[] expected) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hasReply() {
            return false;
        }

        @Override
        public String reply() {
            return null;
        }

        @Override
        public byte[] headers() {
            return null;
        }

        @Override
        public byte[] payload() {
            return payload;
        }
    }

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final DiscardingTransport transport = new DiscardingTransport();
    private final RequestTable table;
    private final Requester requester;
    private final Reply reply;
    private long lastNumber;

    RequestAllocationTest() throws IOException {
        EventLoop neverStarted = new EventLoop("never-started", failure -> {});
        ServerConnection connection = ServerConnection.open(
                neverStarted,
                new ServerAddress("a", 4222),
                transport::of,
                Introduction.of(ConnectInfo.builder().version("0").build()),
                ConnectionOptions.DEFAULTS,
                new TrafficCounters(),
                Long.MAX_VALUE,
                new RecordingOwner());
        connection.onConnected();
        connection.onReadable();
        Router router = new Router(Route.to(connection));
        table = new RequestTable(
                new Inbox("_INBOX", new Random(1)),
                new Resender(router, () -> false),
                new Counters(),
                System.nanoTime());
        requester = new Requester(
                table,
                RequestBuffers.of(table, router),
                router,
                neverStarted,
                Runnable::run,
                () -> false,
                new EventLog());
        reply = new Reply(table.inbox().prefix());
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 64 << 10})
    void anAsynchronousRequestAllocatesNoMoreThanItsOwnObjects(int payloadBytes) {
        byte[] payload = new byte[payloadBytes];
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            askAndAnswer(payload);
        }
        long sentBefore = transport.discardedBytes();

        long before = threads.getCurrentThreadAllocatedBytes();
        askAndAnswer(payload);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(transport.discardedBytes() - sentBefore).isGreaterThan((long) REQUESTS * payload.length);
        assertThat(table.size()).isZero();
        assertThat(allocated / REQUESTS).isLessThanOrEqualTo(BYTES_PER_REQUEST);
    }

    private void askAndAnswer(byte[] payload) {
        for (int i = 0; i < REQUESTS; i++) {
            CompletableFuture<NatsMessage> future = requester.requestAsync("pond.duck", payload, OPTIONS);
            reply.answer(PendingRequest.firstToken(++lastNumber));
            table.onReply(reply, NOBODY);
            if (!future.isDone()) {
                throw new AssertionError("the reply went astray");
            }
        }
    }
}
