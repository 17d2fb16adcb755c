package io.mallard.protocol.net;

import static io.mallard.protocol.net.TransportFixture.await;
import static io.mallard.protocol.net.TransportFixture.payload;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the owner of a transport may rely on, whichever transport it is. */
@ParameterizedClass
@EnumSource(Link.class)
class TransportContractTest {
    @Parameter
    Link link;

    private TransportFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = new TransportFixture(link);
    }

    @AfterEach
    void end() throws Exception {
        fixture.end();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1000, 16_384, 65_537, 1 << 20})
    void bringsPayloadsOfAnySizeThereAndBack(int bytes) throws Exception {
        fixture.peer.serve(Peer::echo);
        TestOwner owner = fixture.connect(link);
        await(owner.connected);
        byte[] payload = payload(bytes);

        CompletableFuture<byte[]> echo = owner.received(bytes);
        owner.send(payload);

        assertThat(await(echo)).isEqualTo(payload);
    }

    @Test
    void keepsTheOrderOfWritesOfAnySize() throws Exception {
        fixture.peer.serve(Peer::echo);
        TestOwner owner = fixture.connect(link);
        await(owner.connected);
        byte[] payload = payload(300_000);
        Random random = new Random(7);

        CompletableFuture<byte[]> echo = owner.received(payload.length);
        for (int at = 0; at < payload.length; ) {
            int length = Math.min(payload.length - at, random.nextInt(random.nextBoolean() ? 20 : 20_000));
            owner.send(payload, at, length);
            at += length;
        }

        assertThat(await(echo)).isEqualTo(payload);
    }

    @Test
    void announcesWhatAReaderWithLittleRoomHasLeftBehind() throws Exception {
        byte[] payload = payload(50_000);
        CountDownLatch read = new CountDownLatch(1);
        fixture.peer.serve(socket -> {
            socket.getOutputStream().write(payload);
            return read.await(20, TimeUnit.SECONDS);
        });
        TestOwner owner = fixture.connect(link, new TestOwner(fixture.loop, 7));

        assertThat(await(owner.received(payload.length))).isEqualTo(payload);
        read.countDown();
    }

    @Test
    void reportsWhatTheServerSaysFirst() throws Exception {
        byte[] info = "INFO {}\r\n".getBytes(US_ASCII);
        CountDownLatch read = new CountDownLatch(1);
        fixture.peer.serve(socket -> {
            socket.getOutputStream().write(info);
            return read.await(20, TimeUnit.SECONDS);
        });
        TestOwner owner = fixture.connect(link);

        assertThat(await(owner.received(info.length))).isEqualTo(info);
        assertThat(owner.connected).isCompleted();
        read.countDown();
    }

    @Test
    void goesOnWithAShortWriteWhenASlowReaderMakesRoom() throws Exception {
        byte[] payload = payload(16 << 20); // More than the buffers of both sockets ever hold.
        CountDownLatch shortWriteSeen = new CountDownLatch(1);
        Peer slow = new Peer(link.listen(4096), link::farEnd);
        try {
            CompletableFuture<byte[]> arrived = slow.next(socket -> {
                byte[] first = socket.getInputStream().readNBytes(1);
                assertThat(shortWriteSeen.await(20, TimeUnit.SECONDS)).isTrue();
                byte[] rest = socket.getInputStream().readNBytes(payload.length - 1);
                return ByteBuffer.allocate(payload.length).put(first).put(rest).array();
            });
            TestOwner owner = new TestOwner(fixture.loop)
                    .connect(events -> link.connect(fixture.loop, slow.address(), events, fixture.taskExecutor));
            await(owner.connected);

            owner.send(payload);
            assertThat(await(owner.shortWrite)).isEqualTo(Thread.currentThread());
            shortWriteSeen.countDown();

            assertThat(await(arrived)).isEqualTo(payload);
            assertThat(await(owner.writable).getName()).isEqualTo("loop-under-test");
        } finally {
            slow.end();
        }
    }

    @Test
    void reportsTheEndOfTheStreamBehindTheLastByte() throws Exception {
        byte[] payload = payload(100_000);
        fixture.peer.serve(socket -> {
            socket.getOutputStream().write(payload);
            return null;
        });
        TestOwner owner = fixture.connect(link);

        await(owner.ended);

        assertThat(await(owner.received(1))).isEqualTo(payload);
        assertThat(owner.failed).isNotCompleted();
    }

    @Test
    void reportsARefusedConnection() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket gone = link.listen()) {
            nobody = new InetSocketAddress(gone.getInetAddress(), gone.getLocalPort());
        }
        TestOwner owner = new TestOwner(fixture.loop)
                .connect(events -> link.connect(fixture.loop, nobody, events, fixture.taskExecutor));

        assertThat(await(owner.failed)).isInstanceOf(ConnectException.class);
        assertThat(owner.connected).isNotCompleted();
    }

    @Test
    void saysNothingOnceClosedDuringConnect() throws Exception {
        fixture.peer.serve(Peer::echo);
        fixture.peer.serve(Peer::echo); // The kernel may or may not have accepted the first connection.
        TestOwner closed = new TestOwner(fixture.loop).connect(events -> {
            Transport transport = link.connect(fixture.loop, fixture.peer.address(), events, fixture.taskExecutor);
            transport.close();
            return transport;
        });

        TestOwner other = fixture.connect(link);
        await(other.connected);
        other.send(new byte[] {1});
        await(other.received(1)); // What the loop had to do for the first one, it has done by now.

        assertThat(closed.eventCount).hasValue(0);
    }

    @Test
    void writesForAThreadThatIsInterrupted() throws Exception {
        fixture.peer.serve(Peer::echo);
        TestOwner owner = fixture.connect(link);
        await(owner.connected);
        byte[] payload = payload(100);
        CompletableFuture<byte[]> echo = owner.received(payload.length);

        Thread.currentThread().interrupt();
        owner.send(payload);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(await(echo)).isEqualTo(payload);
    }

    @Test
    void refusesToWriteOnceClosed() throws Exception {
        fixture.peer.serve(Peer::echo);
        TestOwner owner = fixture.connect(link);
        await(owner.connected);

        CompletableFuture<Void> closed = new CompletableFuture<>();
        fixture.loop.execute(() -> {
            owner.transport().close();
            owner.transport().close();
            closed.complete(null);
        });
        await(closed);

        assertThatThrownBy(() -> owner.transport().write(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> owner.transport().read(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
    }
}
