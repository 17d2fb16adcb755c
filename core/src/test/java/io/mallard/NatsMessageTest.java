package io.mallard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NatsMessageTest {
    private static final byte[] PAYLOAD = "hi".getBytes(US_ASCII);
    private static final byte[] BLOCK = "NATS/1.0\r\na:1\r\n\r\n".getBytes(US_ASCII);

    /** Keeps what it is to send. */
    private static final class Recorder implements NatsMessage.Replier {
        final List<String> sent = new ArrayList<>();

        @Override
        public void reply(String subject, byte[] payload) {
            reply(subject, null, payload);
        }

        @Override
        public void reply(String subject, byte[] headers, byte[] payload) {
            sent.add(subject + "|" + (headers == null ? "" : new String(headers, US_ASCII)) + "|"
                    + new String(payload, US_ASCII));
        }
    }

    private final Recorder recorder = new Recorder();

    private NatsMessage message(byte[] block) {
        return new NatsMessage("s", "r", block, PAYLOAD, recorder);
    }

    @Test
    void readsItsHeadersOnce() {
        NatsMessage message = message(BLOCK);

        Headers headers = message.headers();

        assertThat(headers.first("a")).isEqualTo("1");
        assertThat(message.headers()).isSameAs(headers);
    }

    @Test
    void withoutHeadersThereAreNone() {
        assertThat(message(null).headers()).isSameAs(Headers.NONE);
        assertThat(message(new byte[0]).headers()).isSameAs(Headers.NONE);
        assertThat(new NatsMessage("s", null, PAYLOAD).headers()).isSameAs(Headers.NONE);
    }

    @Test
    void headersCountToItsSizeWhetherReadOrNot() {
        NatsMessage message = message(BLOCK);

        assertThat(message.sizeBytes()).isEqualTo(BLOCK.length + PAYLOAD.length);
        assertThat(message.headers().isEmpty()).isFalse();
        assertThat(message.sizeBytes()).isEqualTo(BLOCK.length + PAYLOAD.length);
        assertThat(message(null).sizeBytes()).isEqualTo(PAYLOAD.length);
    }

    @Test
    void answersWithHeadersAndWithout() {
        message(null).respond(Headers.of("b", "2"), PAYLOAD);
        message(null).respond(Headers.NONE, PAYLOAD);
        message(null).respond(PAYLOAD);

        assertThat(recorder.sent).containsExactly("r|NATS/1.0\r\nb: 2\r\n\r\n|hi", "r||hi", "r||hi");
    }

    @Test
    void neverDropsTheHeadersOfAnAnswerSilently() {
        NatsMessage message =
                new NatsMessage("s", "r", PAYLOAD, (subject, payload) -> recorder.reply(subject, payload));

        message.respond(Headers.NONE, PAYLOAD);
        assertThatThrownBy(() -> message.respond(Headers.of("b", "2"), PAYLOAD))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.ILLEGAL_STATE));

        assertThat(recorder.sent).containsExactly("r||hi");
    }

    @Test
    void nobodyCanAnswerWhereNoAnswerIsExpected() {
        NatsMessage message = new NatsMessage("s", null, PAYLOAD, recorder);

        assertThatThrownBy(() -> message.respond(Headers.of("b", "2"), PAYLOAD))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.ILLEGAL_STATE));
        assertThat(recorder.sent).isEmpty();
    }
}
