package io.mallard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NatsStatusTest {
    @ParameterizedTest
    @CsvSource({
        "OK, 0, OK, false",
        "ERR, 1, Error, false",
        "PROTOCOL_ERROR, 2, Protocol Error, false",
        "CONNECTION_CLOSED, 5, Connection Closed, false",
        "NO_SERVER, 6, No server available for connection, true",
        "SECURE_CONNECTION_WANTED, 8, Secure Connection not available, false",
        "SECURE_CONNECTION_REQUIRED, 9, Secure Connection Required, false",
        "CONNECTION_AUTH_FAILED, 11, Connection Authentication Failed, false",
        "NOT_PERMITTED, 12, Not Permitted, false",
        "INVALID_SUBJECT, 15, Invalid Subject, false",
        "INVALID_ARG, 16, Invalid Argument, false",
        "INVALID_SUBSCRIPTION, 17, Invalid Subscription, false",
        "ILLEGAL_STATE, 19, Illegal State, false",
        "MAX_PAYLOAD, 21, Message larger than maximum payload allowed by the server, false",
        "MAX_DELIVERED_MSGS, 22, Maximum Messages Delivered, false",
        "INSUFFICIENT_BUFFER, 23, Insufficient Buffer, false",
        "TIMEOUT, 26, Timeout, true",
        "SSL_ERROR, 29, SSL Error, false",
        "NO_SERVER_SUPPORT, 30, Not Supported By Server, false",
        "DRAINING, 32, Draining, false",
        "NO_RESPONDERS, 34, No responders available for request, true",
    })
    void hasTheNumberAndTextOfTheCClient(NatsStatus status, int code, String text, boolean retryable) {
        assertThat(status.code()).isEqualTo(code);
        assertThat(status.text()).isEqualTo(text);
        assertThat(status.isRetryable()).isEqualTo(retryable);
        assertThat(new NatsException(status, "why").retryable()).isEqualTo(retryable);
    }

    @Test
    void noOtherStatusIsUntested() {
        assertThat(NatsStatus.values()).hasSize(21);
    }
}
