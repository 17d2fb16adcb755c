package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongMapTest {
    private final LongMap<String> map = new LongMap<>();

    @ParameterizedTest
    @ValueSource(ints = {3, 12, 100, 5_000})
    void agreesWithAHashMapOverRandomOperations(int keys) {
        Random random = new Random(keys);
        Map<Long, String> model = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            long key = random.nextInt(keys) * (keys == 100 ? 1L << 32 : 1L) - keys / 2;
            if (model.containsKey(key)) {
                assertThat(map.get(key)).isEqualTo(model.get(key));
                if (random.nextBoolean()) {
                    assertThat(map.remove(key)).isEqualTo(model.remove(key));
                    assertThat(map.remove(key)).isNull();
                }
            } else {
                assertThat(map.get(key)).isNull();
                map.put(key, "v" + i);
                model.put(key, "v" + i);
            }
            assertThat(map.size()).isEqualTo(model.size());
        }
        assertThat(map.values()).containsExactlyInAnyOrderElementsOf(model.values());
    }

    @Test
    void aKeyThatStaysIsFoundBesideAnyChangeOfOthers() throws Exception {
        int staying = 50;
        for (long key = 0; key < staying; key++) {
            map.put(1 + 1_000_003 * key, "stays");
        }
        AtomicBoolean changing = new AtomicBoolean(true);
        CompletableFuture<Long> lookups = CompletableFuture.supplyAsync(() -> {
            long found = 0;
            while (changing.get()) {
                for (long key = 0; key < staying; key++) {
                    assertThat(map.get(1 + 1_000_003 * key)).isEqualTo("stays");
                    found++;
                }
            }
            return found;
        });

        // Comes and goes by the hundreds: over tombstones, through rebuilds of the same size and of twice the size.
        for (long round = 0; round < 2_000; round++) {
            long first = 1_000_000_000 + 1_000 * round;
            long last = first + 1 + round / 4;
            for (long key = first; key < last; key++) {
                map.put(key, "goes");
            }
            for (long key = first; key < last; key++) {
                assertThat(map.remove(key)).isEqualTo("goes");
            }
        }

        changing.set(false);
        assertThat(lookups.get(10, TimeUnit.SECONDS)).isPositive();
        assertThat(map.size()).isEqualTo(staying);
    }
}
