package io.mallard.protocol.net;

import static io.mallard.protocol.net.TransportFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is particular to a plain socket; {@link TransportContractTest} has the rest. */
class TcpTransportTest {
    private TransportFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = new TransportFixture(Link.TCP);
    }

    @AfterEach
    void end() throws Exception {
        fixture.end();
    }

    @Test
    void failsToReadFromAConnectionThatWasReset() throws Exception {
        fixture.peer.serve(socket -> {
            socket.setSoLinger(true, 0);
            return null;
        });
        TestOwner owner = fixture.connect(Link.TCP);

        assertThat(await(owner.failed)).hasMessageContaining("reset");
        assertThat(owner.ended).isNotCompleted();
    }

    @Test
    void refusesAnUnresolvedAddressAtOnce() throws Exception {
        CompletableFuture<IOException> refused = new CompletableFuture<>();
        TestOwner owner = new TestOwner(fixture.loop);
        fixture.loop.execute(() -> {
            try {
                TcpTransport.connect(fixture.loop, InetSocketAddress.createUnresolved("pond.invalid", 4222), owner);
            } catch (IOException e) {
                refused.complete(e);
            }
        });

        assertThat(await(refused)).hasMessageContaining("UnresolvedAddress");
        assertThat(owner.eventCount).hasValue(0);
    }

    @Test
    void ignoresARequestToWriteOnceClosed() throws Exception {
        fixture.peer.serve(Peer::echo);
        TestOwner owner = fixture.connect(Link.TCP);
        await(owner.connected);
        CompletableFuture<Void> closed = new CompletableFuture<>();
        fixture.loop.execute(() -> {
            owner.transport().close();
            closed.complete(null);
        });
        await(closed);

        owner.transport().requestWrite();

        assertThat(owner.writable).isNotCompleted();
    }
}
