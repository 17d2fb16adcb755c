package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said before a stream begins: to a web server (RFC 6455), an HTTP proxy (RFC 9110) and a SOCKS proxy (RFC 1928, 1929). */
class OpeningTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern KEY = Pattern.compile("Sec-WebSocket-Key: (\\S+)\r\n");

    /** What is answered to this; each byte comes by itself, because that must not make a difference. */
    private static byte[] hear(Opening opening, byte[] said) throws IOException {
        ByteBuffer heard = ByteBuffer.allocate(OpeningTransport.MAX_HEARD_BYTES);
        byte[] answer = {};
        for (byte b : said) {
            assertThat(opening.isOver()).as("over before its last byte").isFalse();
            heard.put(b).flip();
            answer = opening.answer(heard);
            heard.compact();
        }
        return answer;
    }

    private static boolean isOverAfter(Opening opening, String said) throws IOException {
        byte[] unused = hear(opening, said.getBytes(ISO_8859_1));
        return opening.isOver();
    }

    private static String begin(Opening opening) {
        return new String(opening.begin(), ISO_8859_1);
    }

    @Test
    void theExampleOfTheRfc() {
        assertThat(WebSocketOpening.acceptFor("dGhlIHNhbXBsZSBub25jZQ==")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    @Test
    void aWebSocketIsAskedForAndGranted() throws IOException {
        WebSocketOpening opening = new WebSocketOpening("h:80", "/nats", new Random(1));
        String request = begin(opening);

        assertThat(request)
                .startsWith("GET /nats HTTP/1.1\r\nHost: h:80\r\n")
                .contains("Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Sec-WebSocket-Version: 13\r\n")
                .endsWith("\r\n\r\n");
        assertThat(isOverAfter(opening, granted(request))).isTrue();
    }

    private static String granted(String request) {
        Matcher key = KEY.matcher(request);
        assertThat(key.find()).isTrue();
        return "HTTP/1.1 101 Switching Protocols\r\nUPGRADE: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: "
                + WebSocketOpening.acceptFor(key.group(1)) + "\r\n\r\n";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 101|HTTP/1.1 302|no WebSocket: the server answers \"HTTP/1.1 302 Switching Protocols\", and wants the client to go to",
                "Sec-WebSocket-Accept|Sec-WebSocket-Extensions: permessage-deflate~Sec-WebSocket-Accept|no WebSocket: Sec-WebSocket-Extensions is",
                "HTTP/1.1 101|HTTP/1.1 400|no WebSocket: the server answers \"HTTP/1.1 400 Switching Protocols\"",
                "WebSocket|h2c|no WebSocket: Upgrade is \"h2c\" instead of \"websocket\"",
                "keep-alive, Upgrade|close|no WebSocket: Connection is \"close\" instead of \"upgrade\"",
                "Sec-WebSocket-Accept: |Sec-WebSocket-Accept: x|no WebSocket: Sec-WebSocket-Accept \"x",
                "HTTP/1.1 |INFO {\"se|no WebSocket: that is no HTTP: \"I"
            })
    void whatIsNoWebSocketIsRefused(String what, String by, String why) throws IOException {
        WebSocketOpening opening = new WebSocketOpening("h:80", "/", new Random(1));
        String answer = granted(begin(opening)).replace(what, by.replace("~", "\r\n"));
        assertThatThrownBy(() -> isOverAfter(opening, answer))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(why);
    }

    @Test
    void aTunnelIsAskedForAndGranted() throws IOException {
        HttpConnectOpening opening = new HttpConnectOpening("h:4222", "anna", "secret");
        assertThat(begin(opening))
                .isEqualTo(
                        "CONNECT h:4222 HTTP/1.1\r\nHost: h:4222\r\nProxy-Authorization: Basic YW5uYTpzZWNyZXQ=\r\n\r\n");
        assertThat(isOverAfter(opening, "HTTP/1.0 200 Connection established\r\n\r\n"))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 407 Authenticate', 'it wants user and password, which its URL has not'",
        "HTTP/1.1 403 Forbidden, it does not connect to h:4222",
        "HTTP/1.1 20, no HTTP status",
        "SSH-2.0, that is no HTTP"
    })
    void aTunnelThatIsRefusedSaysWhy(String line, String why) throws IOException {
        HttpConnectOpening opening = new HttpConnectOpening("h:4222", null, null);
        assertThat(begin(opening)).isEqualTo("CONNECT h:4222 HTTP/1.1\r\nHost: h:4222\r\n\r\n");
        assertThatThrownBy(() -> isOverAfter(opening, line + "\r\n\r\n"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(why);
    }

    private static String hex(Opening opening, String said) throws IOException {
        return HEX.formatHex(hear(opening, HEX.parseHex(said)));
    }

    @Test
    void aSocksProxyConnectsToANameWithAndWithoutCredentials() throws IOException {
        Socks5Opening plain = new Socks5Opening("h", 4222, null, null);
        assertThat(HEX.formatHex(plain.begin())).isEqualTo("050100");
        assertThat(hex(plain, "0500")).isEqualTo("05010003" + "0168" + "107e");
        assertThat(hex(plain, "05000001" + "7f000001" + "1234")).isEmpty();
        assertThat(plain.isOver()).isTrue();

        Socks5Opening known = new Socks5Opening("h", 4222, "u", "p:w");
        assertThat(HEX.formatHex(known.begin())).isEqualTo("05020002");
        assertThat(hex(known, "0502")).isEqualTo("01" + "0175" + "03703a77");
        assertThat(hex(known, "0100")).isEqualTo("05010003" + "0168" + "107e");
        assertThat(hex(known, "05000003" + "026162" + "1234")).isEmpty();
        assertThat(known.isOver()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 017f000001",
        "255.250.9.10, 01fffa090a",
        "::1, 0400000000000000000000000000000001",
        "256.0.0.1, 03093235362e302e302e31",
        "1.2.3, 0305312e322e33",
        "::ffff:1.2.3.4, 0101020304",
        "1.2.3.4., 0308312e322e332e342e",
    })
    void aSocksProxyConnectsToAnAddress(String host, String address) throws IOException {
        assertThat(hex(new Socks5Opening(host, 4222, null, null), "0500")).isEqualTo("050100" + address + "107e");
    }

    /** Or the loop would wait for a name service. */
    @Test
    void nothingIsLookedUpForASocksProxy() {
        assertThatThrownBy(() -> hex(new Socks5Opening("zz:x", 4222, null, null), "0500"))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("invalid IPv6 address literal");
    }

    /** Whoever sends back what it is told. */
    @Test
    void anEchoOfTheRequestRevealsNoSecret() {
        HttpConnectOpening opening = new HttpConnectOpening("h:4222", "anna", "secret");
        assertThatThrownBy(() -> opening.answer(ByteBuffer.wrap(opening.begin())))
                .hasMessage("that is no HTTP: \"CONNECT h:4222 HTTP/1.1\"");
    }

    @ParameterizedTest
    @CsvSource({
        "05ff, 'it wants user and password, which its URL has not'",
        "0503, 'it wants authentication method 3, which was not offered'",
        "0400, that is no SOCKS proxy: version 4 instead of 5",
        "0500050500010000, it does not connect to h:4222: connection refused",
        "0500056300010000, it does not connect to h:4222: failure 99",
        "0500050000090000, it names an address of type 9"
    })
    void aSocksProxyThatRefusesSaysWhy(String said, String why) {
        Socks5Opening opening = new Socks5Opening("h", 4222, null, null);
        assertThatThrownBy(() -> hex(opening, said))
                .isInstanceOf(IOException.class)
                .hasMessage(why);
    }

    @Test
    void credentialsThatASocksProxyRefuses() throws IOException {
        Socks5Opening opening = new Socks5Opening("h", 4222, "u", "p");
        assertThat(hex(opening, "0502")).isNotEmpty();
        assertThatThrownBy(() -> hex(opening, "0101")).hasMessage("it refuses user and password");
        assertThatThrownBy(() -> new Socks5Opening("h", 1, "u".repeat(256), "p"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256 bytes, must be <= 255");
        assertThatThrownBy(() -> hex(new Socks5Opening("h".repeat(256), 1, null, null), "0500"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("256 bytes, must be <= 255");
    }
}
