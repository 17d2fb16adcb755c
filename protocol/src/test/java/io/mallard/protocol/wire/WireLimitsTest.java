package io.mallard.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class WireLimitsTest {
    @Test
    void allowsSixtyFourMebibytesByDefault() {
        assertThat(WireLimits.DEFAULTS).isEqualTo(new WireLimits(67_108_864, 65_536, 1_048_576));
    }

    @Test
    void refusesLimitsThatNoServerCouldKeep() {
        assertThat(new WireLimits(0, 64, 64)).isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WireLimits(-1, 64, 64))
                .withMessage("maxPayloadBytes=-1, must be >= 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WireLimits(0, 63, 64))
                .withMessage("maxLineBytes=63, must be >= 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WireLimits(0, 64, 63))
                .withMessage("maxInfoBytes=63, must be >= 64");
    }
}
