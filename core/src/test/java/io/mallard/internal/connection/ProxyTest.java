package io.mallard.internal.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.mallard.internal.server.HostAndPort;
import io.mallard.internal.server.ServerAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyTest {
    private static final ServerAddress SERVER = ServerAddress.parse("wss://[::1]/nats");

    @ParameterizedTest
    @CsvSource({
        "http://p, p, 80",
        "HTTP://p:3128/, p, 3128",
        "socks5://[::1], ::1, 1080",
        "socks5://duck:s3cret@p:9, p, 9",
    })
    void saysWhereItIsAndNoSecret(String url, String host, int port) {
        Proxy proxy = Proxy.parse(url);

        assertThat(proxy.place()).isEqualTo(new HostAndPort(host, port));
        assertThat(proxy).hasToString("proxy " + new HostAndPort(host, port));
    }

    @ParameterizedTest
    @CsvSource({
        "p:3128, only http:// and socks5:// URLs are supported",
        "https://s3cret@p, only http:// and socks5:// URLs are supported",
        "http://, no host name in it",
        "http://duck:s3cret@, no host name in it",
        "http://p/path, no host name in it",
        "socks5://s3cret@::1, an IPv6 address stands in brackets",
        "http://duck%3A:s3cret@p, 'the user for an HTTP proxy has a colon, which ends it'",
        "socks5://duck@p, 'a SOCKS proxy takes a user with a password, or neither'",
        "socks5://duck:@p, 'a SOCKS proxy takes a user with a password, or neither'",
        "socks5://p:0, the port must be a number from 1 to 65535",
    })
    void saysWhatIsWrongWithAUrl(String url, String why) {
        assertThatIllegalArgumentException().isThrownBy(() -> Proxy.parse(url)).withMessage(why);
    }

    @Test
    void isAskedForTheServerWithWhatIsInItsUrl() {
        assertThat(new String(Proxy.parse("http://d%40:q@p").tunnelTo(SERVER).begin(), US_ASCII))
                .startsWith("CONNECT [::1]:443 HTTP/1.1\r\n")
                .contains("\r\nProxy-Authorization: Basic ZEA6cQ==\r\n");
        assertThat(HexFormat.of()
                        .formatHex(Proxy.parse("socks5://p").tunnelTo(SERVER).begin()))
                .isEqualTo("050100");
        assertThat(HexFormat.of()
                        .formatHex(
                                Proxy.parse("socks5://d:q@p").tunnelTo(SERVER).begin()))
                .isEqualTo("05020002");
    }
}
