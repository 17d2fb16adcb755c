package io.mallard.internal.request;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.FakeMessage;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboxTest {
    private final Inbox inbox = new Inbox("_INBOX", new Random(1));
    private final String prefix = new String(inbox.prefix(), US_ASCII);

    @Test
    void isUniqueAndSubscribedToAsAWhole() {
        assertThat(prefix).matches("_INBOX\\.[0-9A-Za-z]{22}\\.");
        assertThat(inbox.wildcard()).isEqualTo(prefix + "*");
        assertThat(new Inbox("_INBOX", new Random(2)).wildcard()).isNotEqualTo(inbox.wildcard());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 9, 10, 4_294_967_296L, 999_999_999_999_999_999L})
    void findsTheTokenOfAReply(long token) {
        assertThat(tokenOf(prefix + token)).isEqualTo(token);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1x", "-1", "1.2", "1000000000000000000", " 1"})
    void aForeignSubjectHasNoToken(String rest) {
        assertThat(tokenOf(prefix + rest)).isEqualTo(Inbox.NO_TOKEN);
    }

    @Test
    void aSubjectShorterThanTheInboxHasNoToken() {
        assertThat(tokenOf("1")).isEqualTo(Inbox.NO_TOKEN);
    }

    private long tokenOf(String subject) {
        return inbox.token(new FakeMessage(Inbox.SID, subject, ""));
    }
}
