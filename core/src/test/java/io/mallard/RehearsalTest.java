package io.mallard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class RehearsalTest {
    @Test
    void aHandoverBetweenImaginedServersIsPlayedToItsEnd() {
        assertThat(new Rehearsal().play()).isTrue();
    }
}
