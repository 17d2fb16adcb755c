package io.mallard.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentHashTest {
    private static final String HEADERS = "NATS/1.0\r\na: 1\r\n\r\n";

    private final ContentHash hash = new ContentHash(42);

    @Test
    void copiesAreTheSame() {
        assertThat(of("r", HEADERS, "hi")).isEqualTo(of("r", HEADERS, "hi"));
        assertThat(of(null, null, "hi")).isEqualTo(of(null, null, "hi"));
    }

    @Test
    void theSamePayloadWithOtherHeadersIsAnotherMessage() {
        assertThat(List.of(
                        of(null, null, "hi"),
                        of(null, "", "hi"),
                        of(null, HEADERS, "hi"),
                        of(null, HEADERS.replace('1', '2'), "hi"),
                        of(null, HEADERS.replace('a', 'A'), "hi"),
                        of(null, HEADERS + "h", "i"),
                        of(null, null, HEADERS + "hi"),
                        of(HEADERS, null, "hi")))
                .doesNotHaveDuplicates();
    }

    @Test
    void aPublishIsKnownWhenItComesBack() {
        assertThat(hash.of("s", "r", HEADERS.getBytes(UTF_8), ByteBuffer.wrap("hi".getBytes(UTF_8))))
                .isEqualTo(of("r", HEADERS, "hi"));
    }

    private long of(String reply, String headers, String payload) {
        return hash.of(new FakeMessage(7, "s", reply, headers, payload));
    }
}
