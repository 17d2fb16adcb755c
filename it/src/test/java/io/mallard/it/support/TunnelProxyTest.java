package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both kinds of proxy, spoken to byte by byte. */
@NoLeaks
class TunnelProxyTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final int SHORT_MS = 100;
    private static final HexFormat HEX = HexFormat.of();

    private ServerSocket target;

    @BeforeEach
    void listen() throws IOException {
        target = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        target.setSoTimeout((int) LONG.toMillis());
    }

    @AfterEach
    void stopListening() throws IOException {
        target.close();
    }

    private static Socket connect(TunnelProxy proxy) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout((int) LONG.toMillis());
        return socket;
    }

    private String connectLine() {
        return "CONNECT n.pond.invalid:" + target.getLocalPort() + " HTTP/1.1\r\n";
    }

    private static String askHttp(Socket socket, String head) throws IOException {
        socket.getOutputStream().write((head + "\r\n").getBytes(ISO_8859_1));
        StringBuilder answer = new StringBuilder();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (answer.indexOf("\r\n\r\n") < 0) {
            answer.append((char) in.readUnsignedByte());
        }
        return answer.substring(0, answer.indexOf("\r\n"));
    }

    private static String askSocks(Socket socket, String hex, int answerBytes) throws IOException {
        socket.getOutputStream().write(HEX.parseHex(hex));
        return HEX.formatHex(socket.getInputStream().readNBytes(answerBytes));
    }

    private String connectRequest() {
        return "05010003" + "0e" + HEX.formatHex("n.pond.invalid".getBytes(US_ASCII))
                + HEX.toHexDigits((short) target.getLocalPort());
    }

    private void assertTunnel(Socket client, TunnelProxy proxy) throws IOException {
        try (Socket server = target.accept()) {
            client.getOutputStream().write("there".getBytes(US_ASCII));
            assertThat(server.getInputStream().readNBytes(5)).asString().isEqualTo("there");
            server.getOutputStream().write("back".getBytes(US_ASCII));
            assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("back");
            assertThat(proxy.asked()).containsExactly("n.pond.invalid:" + target.getLocalPort());
            assertThat(proxy.tunnelCount()).isEqualTo(1);

            assertThat(proxy.cut()).isEqualTo(1);

            assertEnds(client);
            assertEnds(server);
        }
    }

    private static void assertEnds(Socket socket) throws IOException {
        try {
            assertThat(socket.getInputStream().read()).isNegative();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void httpTunnels() throws IOException {
        try (HttpProxy proxy = HttpProxy.open();
                Socket client = connect(proxy)) {
            assertThat(askHttp(client, connectLine() + "Host: x\r\n")).startsWith("HTTP/1.1 200 ");
            assertTunnel(client, proxy);
        }
    }

    @Test
    void httpKnowsItsUser() throws IOException {
        try (HttpProxy proxy = HttpProxy.open("anna", "secret")) {
            for (String head : new String[] {"", "Proxy-Authorization: Basic YW5uYTp3cm9uZw==\r\n"}) {
                try (Socket client = connect(proxy)) {
                    assertThat(askHttp(client, connectLine() + head)).startsWith("HTTP/1.1 407 ");
                }
            }
            assertThat(proxy.asked()).isEmpty();
            try (Socket client = connect(proxy)) {
                assertThat(askHttp(client, connectLine() + "Proxy-Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"))
                        .startsWith("HTTP/1.1 200 ");
                assertTunnel(client, proxy);
            }
        }
    }

    @Test
    void httpRefusesWhatItIsToldToAndWhatIsNotThere() throws IOException {
        try (HttpProxy proxy = HttpProxy.open()) {
            proxy.refuse(403);
            try (Socket client = connect(proxy)) {
                assertThat(askHttp(client, connectLine())).startsWith("HTTP/1.1 403 ");
                assertEnds(client);
            }
            proxy.serve();
            try (Socket client = connect(proxy)) {
                assertThat(askHttp(client, "GET / HTTP/1.1\r\n")).startsWith("HTTP/1.1 400 ");
            }
            target.close();
            try (Socket client = connect(proxy)) {
                assertThat(askHttp(client, connectLine())).startsWith("HTTP/1.1 502 ");
            }
            assertThat(proxy.tunnelCount()).isZero();
            assertThat(proxy.connectionCount()).isEqualTo(3);
        }
    }

    @Test
    void socksTunnels() throws IOException {
        try (SocksProxy proxy = SocksProxy.open();
                Socket client = connect(proxy)) {
            assertThat(askSocks(client, "050100", 2)).isEqualTo("0500");
            assertThat(askSocks(client, connectRequest(), 10)).isEqualTo("05000001" + "7f000001" + "0000");
            assertTunnel(client, proxy);
        }
    }

    @Test
    void socksKnowsItsUser() throws IOException {
        try (SocksProxy proxy = SocksProxy.open("u", "pw")) {
            try (Socket client = connect(proxy)) {
                assertThat(askSocks(client, "050100", 2)).isEqualTo("05ff");
                assertEnds(client);
            }
            try (Socket client = connect(proxy)) {
                assertThat(askSocks(client, "05020002", 2)).isEqualTo("0502");
                assertThat(askSocks(client, "01" + "0175" + "027071", 2)).isEqualTo("0101");
                assertEnds(client);
            }
            try (Socket client = connect(proxy)) {
                assertThat(askSocks(client, "05020002", 2)).isEqualTo("0502");
                assertThat(askSocks(client, "01" + "0175" + "027077", 2)).isEqualTo("0100");
                assertThat(askSocks(client, connectRequest(), 10)).startsWith("0500");
                assertTunnel(client, proxy);
            }
        }
    }

    @Test
    void socksRefusesWhatItIsToldToAndWhatIsNotThere() throws IOException {
        try (SocksProxy proxy = SocksProxy.open()) {
            proxy.refuse(2);
            try (Socket client = connect(proxy)) {
                assertThat(askSocks(client, "050100", 2)).isEqualTo("0500");
                assertThat(askSocks(client, connectRequest(), 10)).startsWith("0502");
                assertEnds(client);
            }
            proxy.serve();
            target.close();
            try (Socket client = connect(proxy)) {
                assertThat(askSocks(client, "050100", 2)).isEqualTo("0500");
                assertThat(askSocks(client, connectRequest(), 10)).startsWith("0505");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void canBeSilentDieAndBeGone(boolean http) throws IOException {
        try (TunnelProxy proxy = http ? HttpProxy.open() : SocksProxy.open()) {
            byte[] request =
                    http ? (connectLine() + "\r\n").getBytes(ISO_8859_1) : HEX.parseHex("050100" + connectRequest());
            proxy.beSilent();
            try (Socket client = connect(proxy)) {
                client.setSoTimeout(SHORT_MS);
                client.getOutputStream().write(request);
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            }
            proxy.dieWhenAsked();
            try (Socket client = connect(proxy)) {
                client.getOutputStream().write(request);
                assertThat(client.getInputStream().readNBytes(3)).hasSizeLessThan(3);
            }
            proxy.stop();
            assertThatThrownBy(() -> connect(proxy).close()).isInstanceOf(IOException.class);
            proxy.start();
            proxy.serve();
            try (Socket client = connect(proxy)) {
                client.getOutputStream().write(request);
                assertThat(client.getInputStream().read()).isPositive();
            }
        }
    }
}
