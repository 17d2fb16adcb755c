package io.mallard.internal.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {
    @ParameterizedTest
    @CsvSource({
        "localhost, localhost, 4222, nats://localhost:4222",
        "nats://localhost, localhost, 4222, nats://localhost:4222",
        "NATS://localhost:1, localhost, 1, nats://localhost:1",
        "tls://localhost:2, localhost, 2, nats://localhost:2",
        "TLS://[::1], ::1, 4222, nats://[::1]:4222",
        "nats://duck.example.org:65535/, duck.example.org, 65535, nats://duck.example.org:65535",
        "127.0.0.1:4223, 127.0.0.1, 4223, nats://127.0.0.1:4223",
        "[::1], ::1, 4222, nats://[::1]:4222",
        "nats://[fe80::1%eth0]:4224, fe80::1%eth0, 4224, nats://[fe80::1%eth0]:4224",
    })
    void readsHostAndPort(String url, String host, int port, String canonical) {
        ServerAddress address = ServerAddress.parse(url);

        assertThat(address).isEqualTo(new ServerAddress(host, port));
        assertThat(address).hasToString(canonical);
        assertThat(ServerAddress.parse(address.hostAndPort())).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'',no host name in it",
                "nats://,no host name in it",
                ":4222,no host name in it",
                "[]:4222,no host name in it",
                "[::1,no host name in it",
                "a b,no host name in it",
                " a,no host name in it",
                "a/b,no host name in it",
                "a]:4222,no host name in it",
                "::1,an IPv6 address stands in brackets",
                "fe80::1:4222,an IPv6 address stands in brackets",
                "a:,the port must be a number from 1 to 65535",
                "a:b,the port must be a number from 1 to 65535",
                "a:0,the port must be a number from 1 to 65535",
                "a:-1,the port must be a number from 1 to 65535",
                "a:65536,the port must be a number from 1 to 65535",
                "[::1]4222,the port must be a number from 1 to 65535",
                "tls://,no host name in it",
                "ws://a/b c,'a path is written in ASCII, without spaces and #'",
                "wss://a/b#c,'a path is written in ASCII, without spaces and #'",
                "wss://a/ü,'a path is written in ASCII, without spaces and #'",
                "ws://:80/,no host name in it",
                "ws://a#b,no host name in it",
                "[zz:evil]:4222,no IPv6 address in the brackets",
                "[a.b]:4222,no IPv6 address in the brackets",
                "ws://nats://a,the port must be a number from 1 to 65535",
                "http://a,'only nats://, tls://, ws:// and wss:// URLs are supported'",
                "tls://nats://a,'only nats://, tls://, ws:// and wss:// URLs are supported'",
            })
    void saysWhatIsWrongWithAUrl(String url, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerAddress.parse(url))
                .withMessage("server URL \"" + url + "\": " + why);
    }

    @ParameterizedTest
    @CsvSource({
        "ws://duck.example.org, WS, 80, '', ws://duck.example.org:80",
        "WS://a:8080/, WS, 8080, '', ws://a:8080",
        "wss://a, WSS, 443, '', wss://a:443",
        "wss://duck:s3cret@a:9/nats/v2?x=1%40, WSS, 9, /nats/v2?x=1%40, wss://a:9/nats/v2?x=1%40",
        "ws://[::1]/a/b/, WS, 80, /a/b/, ws://[::1]:80/a/b/",
        "ws://a?x=1/2, WS, 80, /?x=1/2, ws://a:80/?x=1/2",
    })
    void readsTheUrlOfAWebSocket(String url, Scheme scheme, int port, String path, String canonical) {
        ServerAddress address = ServerAddress.parse(url);

        assertThat(address.scheme()).isEqualTo(scheme);
        assertThat(address.port()).isEqualTo(port);
        assertThat(address.path()).isEqualTo(path);
        assertThat(address).hasToString(canonical);
        assertThat(ServerAddress.parse(canonical)).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({
        "ws://a, a",
        "ws://a:443, a:443",
        "wss://a, a",
        "wss://[::1]:443/b, [::1]",
        "ws://[fe80::1%eth0]:8080, [fe80::1]:8080",
    })
    void tellsAWebServerWhatItWasAskedFor(String url, String authority) {
        assertThat(ServerAddress.parse(url).authority()).isEqualTo(authority);
    }

    @Test
    void aUrlWithoutASchemeHasTheOneThatIsImplied() {
        assertThat(ServerAddress.parse("a:8080", Scheme.WS)).hasToString("ws://a:8080");
        assertThat(ServerAddress.parse("a", Scheme.WSS)).hasToString("wss://a:443");
        assertThat(ServerAddress.parse("nats://a", Scheme.WSS)).hasToString("nats://a:4222");
    }

    @ParameterizedTest
    @CsvSource({
        "nats://duck:s3cret@localhost:4223, localhost, 4223",
        "nats://s3cret@localhost, localhost, 4222",
        "tls://duck:s3cret@localhost, localhost, 4222",
        "duck:s3cret@[::1]:1, ::1, 1",
        "nats://duck:s3@cret@a, a, 4222",
    })
    void credentialsAreNoPartOfAnAddress(String url, String host, int port) {
        assertThat(ServerAddress.parse(url)).isEqualTo(new ServerAddress(host, port));
        assertThat(ServerAddress.parse(url).toString()).doesNotContain("s3", "duck");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nats://duck:secret@:4222",
                "secret@a:0",
                "ws://duck:sec/ret@a",
                "ws://duck:secret@a/@",
                "ws://secret/b@c",
                "http://duck:secret@a:4222"
            })
    void saysWhatIsWrongWithAUrlWithoutRepeatingItsCredentials(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerAddress.parse(url))
                .withMessageContaining("***@")
                .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("secret", "duck"));
    }
}
