package io.mallard.it.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestLoadTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final long startNs = System.nanoTime();
    private final LatencyTimeline latencies = new LatencyTimeline(startNs);

    @Test
    void countsLatencyFromTheIntendedStart() {
        RequestLoad load = load((node, number) -> answer(number, node));

        load.happen(0, 7, startNs - 5 * SECOND_NS);
        latencies.tick(System.nanoTime());

        assertThat(load.ok()).isEqualTo(1);
        assertThat(latencies.worstMs(new Window(0, Double.MAX_VALUE))).isGreaterThanOrEqualTo(4_990);
    }

    @Test
    void asksTheNodesInTurn() {
        StringBuilder asked = new StringBuilder();
        RequestLoad load = load((node, number) -> {
            asked.append(node);
            return answer(number, node);
        });

        for (int number = 0; number < 5; number++) {
            load.happen(0, number, startNs);
        }

        assertThat(asked).hasToString("01201");
    }

    @Test
    void takesTheAnswerToAnotherRequestForAFailure() {
        RequestLoad load = load((node, number) -> answer(number + 1, node));

        load.happen(0, 7, startNs);

        assertThat(load.ok()).isZero();
        assertThat(load.reasons().counts()).isEqualTo(Map.of("wrong answer", 1L));
    }

    @Test
    void takesTheAnswerOfAnotherNodeForAFailure() {
        RequestLoad load = load((node, number) -> answer(number, node + 1));

        load.happen(0, 7, startNs);

        assertThat(load.failed()).isEqualTo(1);
    }

    @Test
    void survivesASurpriseInTheClientAndNamesIt() {
        RequestLoad load = load((node, number) -> {
            throw new IllegalStateException("full: " + number);
        });

        load.happen(0, 7, startNs);
        load.happen(0, 8, startNs);

        assertThat(load.failed()).isEqualTo(2);
        assertThat(load.failures()).hasSize(2);
        assertThat(load.reasons().counts()).isEqualTo(Map.of("java.lang.IllegalStateException: full: #", 2L));
    }

    private RequestLoad load(Responder responder) {
        LoadClient client = new FakeClient() {
            @Override
            public byte[] request(String subject, byte[] payload, Duration timeout) {
                int node = Integer.parseInt(subject.substring("demo.req.".length()));
                return responder.respond(node, ByteBuffer.wrap(payload).getInt());
            }
        };
        return new RequestLoad(client, 3, latencies);
    }

    private static byte[] answer(int number, int node) {
        return ByteBuffer.allocate(8).putInt(number).putInt(node).array();
    }

    @FunctionalInterface
    private interface Responder {
        byte[] respond(int node, int number);
    }
}
