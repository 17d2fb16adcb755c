package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void findsQuartilesInWhateverOrderTheValuesCome() {
        Spread spread = Spread.of(DoubleStream.of(5, 1, 4, 2, 3));

        assertThat(spread.count()).isEqualTo(5);
        assertThat(spread.min()).isEqualTo(1);
        assertThat(spread.p25()).isEqualTo(2);
        assertThat(spread.p50()).isEqualTo(3);
        assertThat(spread.p75()).isEqualTo(4);
        assertThat(spread.p95()).isEqualTo(4.8);
        assertThat(spread.max()).isEqualTo(5);
    }

    @Test
    void takesTheMiddleOfTwoValues() {
        assertThat(Spread.of(DoubleStream.of(1, 2)).p50()).isEqualTo(1.5);
    }

    @Test
    void isOnePointForOneValue() {
        assertThat(Spread.of(DoubleStream.of(7))).isEqualTo(new Spread(1, 7, 7, 7, 7, 7, 7, 7, 7));
    }

    /** The exact ranks for 100 values are 40 and 61: the binomial puts 96.5 % between them. */
    @Test
    void putsTheMedianIntoTheIntervalOfItsRanks() {
        Spread spread = Spread.of(IntStream.rangeClosed(1, 100).asDoubleStream());

        assertThat(spread.medianFrom()).isEqualTo(40);
        assertThat(spread.medianTo()).isEqualTo(61);
    }

    @Test
    void knowsNothingMoreOfTheMedianOfFewValuesThanTheirRange() {
        Spread spread = Spread.of(DoubleStream.of(1, 2, 3));

        assertThat(spread.medianFrom()).isEqualTo(1);
        assertThat(spread.medianTo()).isEqualTo(3);
    }

    @Test
    void refusesNothing() {
        assertThatThrownBy(() -> Spread.of(DoubleStream.empty())).isInstanceOf(IllegalArgumentException.class);
    }
}
