package io.mallard.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermissionViolationTest {
    @Test
    void knowsWhichSubscriptionIsDenied() {
        assertThat(PermissionViolation.in("Permissions Violation for Subscription to \"a.>\""))
                .isEqualTo(new PermissionViolation(true, "a.>", null, 0));
        assertThat(PermissionViolation.in("permissions violation for subscription to \"a\" using queue \"q\""))
                .isEqualTo(new PermissionViolation(true, "a", "q", 0));
        assertThat(PermissionViolation.in("Permissions Violation for Subscription to \"a\", too many tokens"))
                .isEqualTo(new PermissionViolation(true, "a", null, 0));
    }

    @Test
    void knowsTheNumberOfOneThatWasPermitted() {
        assertThat(PermissionViolation.in("Permissions Violation for Subscription to \"a\" (sid \"12\")"))
                .isEqualTo(new PermissionViolation(true, "a", null, 12));
        assertThat(PermissionViolation.in("Permissions Violation for Subscription to \"a\" (sid 7)"))
                .isEqualTo(new PermissionViolation(true, "a", null, 7));
        assertThat(PermissionViolation.in(
                        "Permissions Violation for Subscription to \"a\" using queue \"q\" (sid \"3\")"))
                .isEqualTo(new PermissionViolation(true, "a", "q", 3));
    }

    @Test
    void knowsWhichPublishIsDenied() {
        assertThat(PermissionViolation.in("Permissions Violation for Publish to \"a\""))
                .isEqualTo(new PermissionViolation(false, "a", null, 0));
        assertThat(PermissionViolation.in("Permissions Violation for Publish with Reply of \"r\""))
                .isEqualTo(new PermissionViolation(false, "r", null, 0));
    }

    @Test
    void readsSubjectsWithQuotesInThem() {
        assertThat(PermissionViolation.in("Permissions Violation for Publish to \"a\\\"b\\\\c\""))
                .isEqualTo(new PermissionViolation(false, "a\"b\\c", null, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Stale Connection",
                "Permissions Violation",
                "Permissions Violation for Publish to a",
                "Permissions Violation for Subscription to \"a",
                "not a Permissions Violation for Publish to \"a\"",
            })
    void otherWordsAreNoViolation(String text) {
        assertThat(PermissionViolation.in(text)).isNull();
    }

    @Test
    void understandsASubjectAsLongAsALineWithoutRunningOutOfStack() {
        String subject = "x".repeat(30_000) + "\\\"".repeat(15_000);

        assertThat(PermissionViolation.in("Permissions Violation for Publish to \"" + subject + "\""))
                .extracting(PermissionViolation::subject)
                .isEqualTo("x".repeat(30_000) + "\"".repeat(15_000));
    }
}
