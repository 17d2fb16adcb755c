package io.mallard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A header block that is anything: nothing is thrown, it is read the same each time, and what was read can be sent on. */
class HeadersFuzzTest {
    @DictionaryEntries({"NATS/1.0", "NATS/1.0 503 ", "\\x0d\\x0a", "\\x0d\\x0a\\x0d\\x0a", ": ", "Nats-Subject"})
    @MethodSource("blocks")
    @FuzzTest
    void readsTheSameEachTimeAndSendsOnWhatItRead(byte[] block) {
        Headers headers = HeaderBlock.read(block);
        Headers again = HeaderBlock.read(block.clone());

        assertThat(again.entries()).isEqualTo(headers.entries());
        assertThat(again.status()).isEqualTo(headers.status()).isBetween(0, 999);
        assertThat(again.description()).isEqualTo(headers.description());
        assertThat(again.isMalformed()).isEqualTo(headers.isMalformed());
        byte[] sent = headers.block();
        if (sent != null) {
            Headers received = HeaderBlock.read(sent);
            assertThat(received.entries()).isEqualTo(headers.entries());
            assertThat(received.isMalformed()).isFalse();
        }
        for (Headers.Entry entry : headers.entries()) {
            assertThat(headers.all(entry.name())).contains(entry.value());
            assertThat(headers.firstIgnoreCase(entry.name())).isNotNull();
        }
    }

    static Stream<byte[]> blocks() {
        return Stream.of(
                        "NATS/1.0\r\nKind: mallard\r\nKind:\twild \r\n\r\n",
                        "NATS/1.0 503 No Responders\r\n\r\n",
                        "NATS/1.0\nA:\u00e4\n\n",
                        "NATS/1.0\r\n: x\r\nB\r\nC:\rD\r\n\r\nmore")
                .map(block -> block.getBytes(ISO_8859_1));
    }
}
