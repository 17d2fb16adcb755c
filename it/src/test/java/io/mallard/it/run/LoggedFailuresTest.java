package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggedFailuresTest {
    private final Logger log = LoggerFactory.getLogger("io.mallard.NatsClient");

    @Test
    void keepsAnErrorWithItsException() {
        try (LoggedFailures failures = LoggedFailures.open()) {
            log.error("Unexpected failure on the event loop", new IllegalStateException("boom"));

            assertThat(failures.all())
                    .containsExactly(
                            "logged: Unexpected failure on the event loop: java.lang.IllegalStateException: boom");
        }
    }

    @Test
    void passesOverWhatAnOperatorIsToldAndOverWarnings() {
        try (LoggedFailures failures = LoggedFailures.open()) {
            log.error("Hot-swap client failed: connection refused");
            log.warn("a guess that was wrong", new IllegalStateException("not so bad"));

            assertThat(failures.all()).isEmpty();
        }
    }

    @Test
    void hearsNothingAfterItsEnd() {
        LoggedFailures failures = LoggedFailures.open();
        failures.close();

        log.error("Unexpected failure on the event loop", new IllegalStateException("boom"));

        assertThat(failures.all()).isEmpty();
    }
}
