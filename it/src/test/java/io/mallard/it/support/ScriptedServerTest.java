package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@NoLeaks
class ScriptedServerTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    @Test
    void talksToAClientAsARealServerWould() {
        try (ScriptedServer server = ScriptedServer.start(Step.handshake(Map.of("max_payload", 1234)));
                RawNats client = RawNats.connect(server.url(), message -> {})) {
            client.subscribe("a.b", 1);
            client.flush();

            assertThat(client.info().path("max_payload").asInt()).isEqualTo(1234);
            assertThat(server.connection(0).awaitLine("^SUB", LONG)).isEqualTo("SUB a.b 1");
            assertThat(new String(server.connection(0).received(), UTF_8))
                    .startsWith("CONNECT {")
                    .endsWith("SUB a.b 1\r\n");
        }
    }

    @Test
    void pushesMoreWhenTheTestWants() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(Step.handshake());
                RawNats client = RawNats.connect(server.url(), message -> {})) {
            server.connection(0).send("INFO {\"ldm\":true}\r\n");

            client.awaitLameDuck(LONG);
        }
    }

    @Test
    void runsAnotherScriptOnEachConnectionAndTheLastOnTheRest() throws IOException {
        List<List<Step>> scripts =
                List.of(List.of(Step.close()), List.of(Step.send("second")), List.of(Step.send("rest"), Step.close()));
        try (ScriptedServer server = ScriptedServer.start(scripts)) {
            assertThat(readAll(server)).isEmpty();
            try (Socket second = connect(server)) {
                assertThat(new String(second.getInputStream().readNBytes(6), UTF_8))
                        .isEqualTo("second");
            }
            assertThat(readAll(server)).isEqualTo("rest");
            assertThat(readAll(server)).isEqualTo("rest");
            assertThat(server.connectionCount()).isEqualTo(4);
        }
    }

    @Test
    void resetsTheConnection() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(Step.expect("GO"), Step.reset());
                Socket client = connect(server)) {
            client.getOutputStream().write("GO\r\n".getBytes(UTF_8));

            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void staysSilentAfterItsLastStep() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(Step.info());
                Socket client = connect(server)) {
            client.setSoTimeout(100);
            new RawReader(client.getInputStream()).readLine();

            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            client.shutdownOutput();
            server.connection(0).awaitClientClose(LONG);
        }
    }

    @Test
    void sendsTheSameGarbageForTheSameSeed() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(Step.garbage(100, 42), Step.close())) {
            assertThat(readAll(server)).isEqualTo(readAll(server)).isNotEmpty();
        }
    }

    @Test
    void reportsWhatTheClientSentInsteadOfTheExpected() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(Step.expect("CONNECT"));
                Socket client = connect(server)) {
            client.getOutputStream().write("HELLO\r\n".getBytes(UTF_8));
            client.shutdownOutput();

            ScriptedConnection connection = server.awaitConnection(0, LONG);
            assertThatThrownBy(() -> connection.awaitScript(LONG))
                    .hasMessageContaining("the script failed")
                    .hasMessageContaining("HELLO")
                    .cause()
                    .hasMessageContaining("ended before a line beginning with CONNECT");
        }
    }

    @Test
    void saysHowManyConnectionsCameWhenTooFewDo() {
        try (ScriptedServer server = ScriptedServer.start(Step.info())) {
            assertThatThrownBy(() -> server.awaitConnection(0, Duration.ofMillis(50)))
                    .hasMessageContaining("connection 0")
                    .hasMessageContaining("accepted so far: 0");
        }
    }

    private static String readAll(ScriptedServer server) throws IOException {
        try (Socket client = connect(server)) {
            return new String(client.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static Socket connect(ScriptedServer server) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }
}
