package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs the network once; afterwards the cache has all three. */
class ServerProvisioningIT {
    @ParameterizedTest
    @ValueSource(strings = {"2.9", "2.10"})
    void providesTheGenerationsThatStandStill(String generation) {
        assertThat(NatsServerBinary.find(generation).version().hasPrefix(generation))
                .isTrue();
    }

    @Test
    void providesTheNewestGeneration() {
        assertThat(NatsServerBinary.find("newest").version()).isGreaterThan(new ServerVersion("2.11.0"));
    }
}
