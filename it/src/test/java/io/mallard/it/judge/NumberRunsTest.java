package io.mallard.it.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NumberRunsTest {
    private final NumberRuns numbers = new NumberRuns();

    @Test
    void isOneRunHoweverManyNumbersComeInOrder() {
        for (int number = 0; number < 1_000_000; number++) {
            assertThat(numbers.add(number)).isTrue();
        }

        assertThat(numbers.runs()).isEqualTo(1);
        assertThat(numbers.size()).isEqualTo(1_000_000);
        assertThat(numbers.length()).isEqualTo(1_000_000);
    }

    @Test
    void closesTheGapThatALateNumberLeft() {
        numbers.add(1);
        numbers.add(3);

        assertThat(numbers.runs()).isEqualTo(2);
        assertThat(numbers.contains(2)).isFalse();

        assertThat(numbers.add(2)).isTrue();
        assertThat(numbers.add(2)).isFalse();
        assertThat(numbers.runs()).isEqualTo(1);
    }

    @Test
    void saysWhatABitSetSays() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            NumberRuns runs = new NumberRuns();
            BitSet bits = new BitSet();
            for (int i = 0; i < 400; i++) {
                int number = random.nextInt(300);
                assertThat(runs.add(number)).isEqualTo(!bits.get(number));
                bits.set(number);
                int first = random.nextInt(300);
                int end = first + random.nextInt(300);
                assertThat(runs.between(first, end)).isEqualTo(bits.get(first, end));
                assertThat(runs.contains(first)).isEqualTo(bits.get(first));
            }
            assertThat(runs.length()).isEqualTo(bits.length());
            assertThat(runs.size()).isEqualTo(bits.cardinality());
        }
    }
}
