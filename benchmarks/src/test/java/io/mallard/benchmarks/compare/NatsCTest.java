package io.mallard.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.it.support.NatsServerException;
import org.junit.jupiter.api.Test;

class NatsCTest {
    @Test
    void readsWhatTheProgramPrints() {
        assertThat(NatsC.figures("P50_US 123.500\nCPU_NS 42.000\n"))
                .containsEntry(Figure.P50_US, 123.5)
                .containsEntry(Figure.CPU_NS, 42.0)
                .hasSize(2);
    }

    @Test
    void refusesWhatIsNoFigure() {
        assertThatThrownBy(() -> NatsC.figures("a warning of the library"))
                .isInstanceOf(NatsServerException.class)
                .hasMessageContaining("a warning of the library");
    }
}
