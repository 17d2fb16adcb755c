package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectsTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b.c", "_INBOX.x.1", "$SYS.REQ", "a*.b>", "**", ">>", "ente.ä.漢.🦆", "a-b/c:d"})
    void acceptsASubjectAndTellsItsLengthInUtf8(String subject) {
        assertThat(Subjects.checkPublish(subject)).isEqualTo(subject.getBytes(UTF_8).length);
        assertThat(Subjects.checkSubscribe(subject)).isEqualTo(subject.getBytes(UTF_8).length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", ">", "a.*", "*.b", "a.*.c.>", "ä.>"})
    void acceptsWildcardsInSubscriptionsOnly(String subject) {
        assertThat(Subjects.checkSubscribe(subject)).isEqualTo(subject.getBytes(UTF_8).length);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkPublish(subject))
                .withMessageContaining("wildcard, not allowed in publish, at index ");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                ".a, subject \".a\": empty token at index 0",
                "., subject \".\": empty token at index 0",
                "a., subject \"a.\": empty token at index 2",
                "a..b, subject \"a..b\": empty token at index 2",
                "a b, subject \"a b\": white space or control character at index 1",
                "| a|, subject \" a\": white space or control character at index 0",
                "|a\t|, subject \"a\\u0009\": white space or control character at index 1",
                "|a.\r\nPING|, subject \"a.\\u000d\\u000aPING\": white space or control character at index 2",
                "|a\0b|, subject \"a\\u0000b\": white space or control character at index 1",
                "|a\177|, subject \"a\\u007f\": white space or control character at index 1",
            })
    void refusesWhatWouldNotArriveAsOneSubject(String subject, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkPublish(subject))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkSubscribe(subject))
                .withMessage(message);
    }

    @Test
    void refusesEmptyNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkPublish(""))
                .withMessage("subject is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkSubscribe(""))
                .withMessage("subject is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkQueue(""))
                .withMessage("queue name is empty");
    }

    @Test
    void tellsWhichWildcardIsMisplaced() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkSubscribe("a.>.b"))
                .withMessage("subject \"a.>.b\": '>' before the last token at index 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkPublish("a.*.b"))
                .withMessage("subject \"a.*.b\": wildcard, not allowed in publish, at index 2");
    }

    @Test
    void refusesAnUnpairedSurrogate() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkPublish("a.\ud83e.b"))
                .withMessage("unpaired surrogate at index 2 of \"a.\ud83e.b\"");
        assertThatIllegalArgumentException().isThrownBy(() -> Subjects.checkSubscribe("a.\udd86"));
        assertThatIllegalArgumentException().isThrownBy(() -> Subjects.checkQueue("\udd86"));
    }

    @Test
    void acceptsAnyWordAsQueue() {
        assertThat(Subjects.checkQueue("workers")).isEqualTo(7);
        assertThat(Subjects.checkQueue("a..*.>.ä")).isEqualTo(9);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subjects.checkQueue("two words"))
                .withMessage("queue name \"two words\": white space or control character at index 3");
    }
}
