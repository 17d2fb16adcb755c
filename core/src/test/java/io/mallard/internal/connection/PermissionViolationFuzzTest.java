package io.mallard.internal.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The words of an -ERR that are anything: either a violation, the same each time, or something else. */
class PermissionViolationFuzzTest {
    @DictionaryEntries({
        "Permissions Violation for Publish to \"",
        "Permissions Violation for Subscription to \"",
        "\" using queue \"",
        " (sid \"1\")",
        "with reply of",
        "\\\\",
        "\\\""
    })
    @MethodSource("errors")
    @FuzzTest
    void understandsTheSameEachTime(byte[] input) {
        String text = new String(input, UTF_8);

        PermissionViolation violation = PermissionViolation.in(text);

        assertThat(PermissionViolation.in(text)).isEqualTo(violation);
        if (violation != null) {
            assertThat(violation.subject()).hasSizeLessThan(text.length());
            assertThat(violation.sid()).isNotNegative();
        }
    }

    static Stream<byte[]> errors() {
        return Stream.of(
                        "Permissions Violation for Publish to \"forbidden.fruit\"",
                        "Permissions Violation for Subscription to \"a\\\"b\" using queue \"q\" (sid \"7\")")
                .map(text -> text.getBytes(UTF_8));
    }
}
