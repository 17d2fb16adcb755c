package io.mallard.internal.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A URL of a server, or an entry of connect_urls, that is anything: an address that reads the same again, or a refusal. */
class ServerAddressFuzzTest {
    @DictionaryEntries({
        "nats://", "tls://", "ws://", "wss://", "/", "[::1]", ":4222", ":65535", ":65536", "@", "%41", "%zz"
    })
    @MethodSource("urls")
    @FuzzTest
    void readsAnAddressThatReadsTheSameAgainOrRefuses(byte[] input) {
        String url = new String(input, UTF_8);
        try {
            ServerAddress address = ServerAddress.parse(url);
            assertThat(address.port()).isBetween(1, 65_535);
            assertThat(address.host()).isNotEmpty();
            assertThat(ServerAddress.parse(address.toString())).isEqualTo(address);
            if (address.path().isEmpty()) {
                assertThat(ServerAddress.parse(address.hostAndPort(), address.scheme()))
                        .isEqualTo(address);
            }
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).startsWith("server URL ");
        }
        try {
            UserInfo.of(url);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).contains(" URL ").hasSizeLessThan(200);
        }
    }

    static Stream<byte[]> urls() {
        return Stream.of(
                        "127.0.0.1:4222",
                        "nats://me:se%20cret@[::1]:4222",
                        "TLS://pond/",
                        "wss://me:se%20cret@pond/nats?a=b",
                        "a:0",
                        "::1",
                        "[]:1")
                .map(text -> text.getBytes(UTF_8));
    }
}
