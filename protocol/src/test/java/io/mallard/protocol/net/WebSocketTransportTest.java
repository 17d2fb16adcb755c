package io.mallard.protocol.net;

import static io.mallard.protocol.net.TransportFixture.await;
import static io.mallard.protocol.net.TransportFixture.payload;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is particular to WebSockets, plain and over TLS; {@link TransportContractTest} has the rest. */
@ParameterizedClass
@EnumSource(
        value = Link.class,
        names = {"WEBSOCKET", "WEBSOCKET_OVER_TLS"})
class WebSocketTransportTest {
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

    @Test
    void answersAPingWithNothingElseToSay() throws Exception {
        CompletableFuture<List<String>> pongs = fixture.peer.next(socket -> {
            WebSocketFarEnd server = (WebSocketFarEnd) socket;
            server.send(WebSocketFarEnd.PING, "are you there".getBytes(US_ASCII));
            InputStream in = server.getInputStream();
            while (in.read() >= 0) {}
            return server.pongs();
        });
        TestOwner owner = fixture.connect(link);
        await(owner.writable);

        owner.close();

        assertThat(await(pongs)).containsExactly("are you there");
    }

    @Test
    void answersPingsBetweenMessagesWithoutBreakingThese() throws Exception {
        byte[] payload = payload(3 << 20);
        CompletableFuture<byte[]> arrived = new CompletableFuture<>();
        CompletableFuture<List<String>> pongs = fixture.peer.next(socket -> {
            WebSocketFarEnd server = (WebSocketFarEnd) socket;
            InputStream in = server.getInputStream();
            ByteBuffer read = ByteBuffer.allocate(payload.length);
            while (read.hasRemaining()) {
                server.send(WebSocketFarEnd.PING, ("at " + read.position()).getBytes(US_ASCII));
                read.put(in.readNBytes(Math.min(read.remaining(), 100_000)));
            }
            arrived.complete(read.array());
            while (in.read() >= 0) {}
            return server.pongs();
        });
        TestOwner owner = fixture.connect(link);
        await(owner.connected);
        owner.send(payload);

        assertThat(await(arrived)).isEqualTo(payload);
        owner.close();
        assertThat(await(pongs)).isNotEmpty().isSubsetOf(List.of(asked(payload.length)));
    }

    private static String[] asked(int bytes) {
        String[] asked = new String[(bytes + 99_999) / 100_000];
        for (int i = 0; i < asked.length; i++) {
            asked[i] = "at " + i * 100_000;
        }
        return asked;
    }

    @Test
    void saysWhyTheServerHasClosedBehindItsLastByte() throws Exception {
        byte[] payload = payload(100_000);
        CompletableFuture<Integer> code = fixture.peer.next(socket -> {
            WebSocketFarEnd server = (WebSocketFarEnd) socket;
            server.getOutputStream().write(payload);
            server.send(
                    WebSocketFarEnd.CLOSE,
                    ByteBuffer.allocate(12)
                            .putShort((short) 1001)
                            .put("going away".getBytes(US_ASCII))
                            .array());
            server.send(WebSocketFarEnd.BINARY, payload(10)); // Which nobody may read.
            return untilClosed(server);
        });
        TestOwner owner = fixture.connect(link);

        assertThat(await(owner.failed))
                .isInstanceOf(EOFException.class)
                .hasMessage("the server closed the WebSocket: 1001 going away");
        assertThat(await(owner.received(1))).isEqualTo(payload);
        assertThat(await(code)).isEqualTo(1000);
    }

    @Test
    void saysThatItCloses() throws Exception {
        CompletableFuture<Integer> code = fixture.peer.next(socket -> untilClosed((WebSocketFarEnd) socket));
        TestOwner owner = fixture.connect(link);
        await(owner.connected);

        owner.close();

        assertThat(await(code)).isEqualTo(1000);
    }

    @Test
    void saysThatTheServerBreaksTheProtocol() throws Exception {
        CompletableFuture<Integer> code = fixture.peer.next(socket -> {
            WebSocketFarEnd server = (WebSocketFarEnd) socket;
            server.send(1, "INFO {}\r\n".getBytes(US_ASCII));
            return untilClosed(server);
        });
        TestOwner owner = fixture.connect(link);

        assertThat(await(owner.failed))
                .hasMessage("the server breaks the WebSocket protocol: a message is text, not binary");
        assertThat(await(code)).isEqualTo(1002);
    }

    private static int untilClosed(WebSocketFarEnd server) throws IOException {
        InputStream in = server.getInputStream();
        while (in.read() >= 0) {}
        return server.closeCode();
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 404 Not Found, no WebSocket: the server answers \"HTTP/1.1 404 Not Found\"",
        "INFO {}, no WebSocket: that is no HTTP: \"INFO {}"
    })
    void saysWhatIsThereInstead(String there, String why) throws Exception {
        fixture.peer.serve(socket -> {
            // Below what the far end of a WebSocket would say.
            ((FarEnd) socket).lower.getOutputStream().write((there + "\r\n\r\n").getBytes(US_ASCII));
            return ((FarEnd) socket).lower.getInputStream().readAllBytes();
        });
        TestOwner owner = fixture.connect(link);

        assertThat(await(owner.failed)).hasMessageStartingWith(why);
        assertThat(owner.connected).isNotCompleted();
    }
}
