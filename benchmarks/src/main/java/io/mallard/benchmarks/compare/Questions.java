package io.mallard.benchmarks.compare;

import static io.mallard.benchmarks.compare.Figure.BYTES;
import static io.mallard.benchmarks.compare.Figure.CPU_NS;
import static io.mallard.benchmarks.compare.Figure.P50_US;
import static io.mallard.benchmarks.compare.Figure.P99_US;
import static io.mallard.benchmarks.compare.Figure.THROUGHPUT;

import io.mallard.benchmarks.AsyncRequests;
import io.mallard.benchmarks.PublishAndDeliver;
import io.mallard.benchmarks.PublishToServer;
import io.mallard.benchmarks.SyncRequest;
import io.mallard.benchmarks.compare.Question.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The questions that the targets are about.
 *
 * <p>Threading: stateless.
 */
final class Questions {
    static final String MALLARD = "mallard";
    static final String JNATS = "jnats";
    static final String RAW = "raw";
    static final String MALLARD_OWN = "mallard, own responder";
    static final String JNATS_OWN = "jnats, own responder";

    static final String PUBLISH = "publish %s";
    static final List<String> SIZES = List.of("16", "128", "1024", "65536");
    static final String DELIVER = "publish and deliver 128";
    static final String REQUEST = "one request at a time";
    static final String REQUESTS = "256 requests in flight";

    private Questions() {}

    static List<Question> all() {
        List<Question> questions = new ArrayList<>();
        for (String size : SIZES) {
            questions.add(new Question(
                    PUBLISH.formatted(size),
                    PublishToServer.class,
                    List.of(THROUGHPUT, BYTES, CPU_NS),
                    alone(Map.of("payloadBytes", size)),
                    pairs(THROUGHPUT, CPU_NS)));
        }
        questions.add(new Question(
                DELIVER,
                PublishAndDeliver.class,
                List.of(THROUGHPUT, BYTES, CPU_NS),
                alone(Map.of()),
                pairs(THROUGHPUT, CPU_NS)));
        questions.add(new Question(
                REQUEST,
                SyncRequest.class,
                List.of(P50_US, P99_US, BYTES, CPU_NS),
                withResponders(),
                Stream.concat(pairsWithResponders(P50_US).stream(), pairsWithResponders(P99_US).stream())
                        .toList()));
        questions.add(new Question(
                REQUESTS,
                AsyncRequests.class,
                List.of(THROUGHPUT, BYTES, CPU_NS),
                withResponders(),
                Stream.concat(
                                pairsWithResponders(THROUGHPUT).stream(),
                                Stream.of(new Pair(MALLARD, JNATS, CPU_NS), new Pair(MALLARD_OWN, JNATS_OWN, CPU_NS)))
                        .toList()));
        return questions;
    }

    private static List<Contestant> alone(Map<String, String> parameters) {
        return Stream.of(MALLARD, JNATS, RAW)
                .map(client -> new Contestant(client, with(parameters, "client", client)))
                .toList();
    }

    private static List<Contestant> withResponders() {
        return List.of(
                new Contestant(MALLARD, Map.of("client", MALLARD, "responder", RAW)),
                new Contestant(MALLARD_OWN, Map.of("client", MALLARD, "responder", "own")),
                new Contestant(JNATS, Map.of("client", JNATS, "responder", RAW)),
                new Contestant(JNATS_OWN, Map.of("client", JNATS, "responder", "own")),
                new Contestant(RAW, Map.of("client", RAW, "responder", RAW)));
    }

    private static List<Pair> pairs(Figure speed, Figure cost) {
        return List.of(
                new Pair(MALLARD, RAW, speed),
                new Pair(JNATS, RAW, speed),
                new Pair(MALLARD, JNATS, speed),
                new Pair(MALLARD, JNATS, cost));
    }

    private static List<Pair> pairsWithResponders(Figure speed) {
        return List.of(
                new Pair(MALLARD, RAW, speed),
                new Pair(MALLARD_OWN, RAW, speed),
                new Pair(JNATS, RAW, speed),
                new Pair(JNATS_OWN, RAW, speed),
                new Pair(MALLARD, JNATS, speed),
                new Pair(MALLARD_OWN, JNATS_OWN, speed));
    }

    private static Map<String, String> with(Map<String, String> parameters, String name, String value) {
        Map<String, String> all = new HashMap<>(parameters);
        all.put(name, value);
        return all;
    }
}
