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
    private static final String MALLARD_AT_LEAST_ONCE = "mallard-at-least-once";
    static final String JNATS = "jnats";
    static final String RAW = "raw";
    static final String NATS_C = "nats.c";
    static final String MALLARD_OWN = "mallard, own responder";
    static final String JNATS_OWN = "jnats, own responder";
    static final String NATS_C_OWN = "nats.c, own responder";

    static final String PUBLISH = "publish %s";
    static final List<String> SIZES = List.of("16", "128", "1024", "65536");
    static final String DELIVER = "publish and deliver 128";
    static final String REQUEST = "one request at a time";
    static final String REQUESTS = "256 requests in flight";
    private static final String OVER_TLS = " over TLS";
    private static final Map<String, String> OWN_RESPONDER = Map.of("responder", "own");

    private Questions() {}

    static List<Question> all() {
        List<Question> questions = new ArrayList<>();
        for (String size : SIZES) {
            questions.add(new Question(
                    PUBLISH.formatted(size),
                    PublishToServer.class,
                    List.of(THROUGHPUT, BYTES, CPU_NS),
                    alone("publish", size),
                    pairs(THROUGHPUT, CPU_NS)));
        }
        questions.add(new Question(
                DELIVER,
                PublishAndDeliver.class,
                List.of(THROUGHPUT, BYTES, CPU_NS),
                alone("deliver", "128"),
                pairs(THROUGHPUT, CPU_NS)));
        questions.add(new Question(
                REQUEST,
                SyncRequest.class,
                List.of(P50_US, P99_US, BYTES, CPU_NS),
                withResponders("request", "16"),
                Stream.concat(pairsWithResponders(P50_US).stream(), pairsWithResponders(P99_US).stream())
                        .toList()));
        questions.add(new Question(
                REQUESTS,
                AsyncRequests.class,
                List.of(THROUGHPUT, BYTES, CPU_NS),
                withResponders("requests", "128"),
                Stream.concat(
                                pairsWithResponders(THROUGHPUT).stream(),
                                Stream.of(new Pair(MALLARD, JNATS, CPU_NS), new Pair(MALLARD_OWN, JNATS_OWN, CPU_NS)))
                        .toList()));
        return questions;
    }

    /** The same over TLS, as far as clients differ there: there are no targets, and no raw sockets that speak it. */
    static List<Question> overTls() {
        return List.of(
                new Question(
                        PUBLISH.formatted("128") + OVER_TLS,
                        PublishToServer.class,
                        List.of(THROUGHPUT, BYTES, CPU_NS),
                        clients("publish", "128", Map.of()),
                        pairsOfClients(THROUGHPUT, CPU_NS)),
                new Question(
                        DELIVER + OVER_TLS,
                        PublishAndDeliver.class,
                        List.of(THROUGHPUT, BYTES, CPU_NS),
                        clients("deliver", "128", Map.of()),
                        pairsOfClients(THROUGHPUT, CPU_NS)),
                new Question(
                        REQUEST + OVER_TLS,
                        SyncRequest.class,
                        List.of(P50_US, P99_US, BYTES, CPU_NS),
                        clients("request", "16", OWN_RESPONDER),
                        pairsOfClients(P50_US, P99_US)),
                new Question(
                        REQUESTS + OVER_TLS,
                        AsyncRequests.class,
                        List.of(THROUGHPUT, BYTES, CPU_NS),
                        clients("requests", "128", OWN_RESPONDER),
                        pairsOfClients(THROUGHPUT, CPU_NS)));
    }

    /** The same client, without and with {@code publishReliability(AT_LEAST_ONCE)}. */
    static List<Question> atLeastOnce() {
        return SIZES.stream()
                .map(size -> new Question(
                        PUBLISH.formatted(size) + " at least once",
                        PublishToServer.class,
                        List.of(THROUGHPUT, BYTES, CPU_NS),
                        Stream.of(MALLARD, MALLARD_AT_LEAST_ONCE)
                                .map(client -> new Contestant(
                                        client, Bench.Kind.JMH, Map.of("client", client, "payloadBytes", size)))
                                .toList(),
                        List.of(
                                new Pair(MALLARD_AT_LEAST_ONCE, MALLARD, THROUGHPUT),
                                new Pair(MALLARD_AT_LEAST_ONCE, MALLARD, CPU_NS))))
                .toList();
    }

    private static List<Contestant> clients(String natsC, String payloadBytes, Map<String, String> parameters) {
        return Stream.concat(
                        Stream.of(MALLARD, JNATS).map(client -> {
                            Map<String, String> all = new HashMap<>(parameters);
                            all.putAll(Map.of("client", client, "payloadBytes", payloadBytes));
                            return new Contestant(client, Bench.Kind.JMH, all);
                        }),
                        Stream.of(natsC(NATS_C, natsC, payloadBytes)))
                .toList();
    }

    private static List<Pair> pairsOfClients(Figure one, Figure other) {
        return Stream.of(one, other)
                .flatMap(figure -> Stream.of(new Pair(MALLARD, JNATS, figure), new Pair(MALLARD, NATS_C, figure)))
                .toList();
    }

    private static List<Contestant> alone(String natsC, String payloadBytes) {
        return Stream.concat(
                        Stream.of(MALLARD, JNATS, RAW)
                                .map(client -> new Contestant(
                                        client,
                                        Bench.Kind.JMH,
                                        Map.of("client", client, "payloadBytes", payloadBytes))),
                        Stream.of(natsC(NATS_C, natsC, payloadBytes)))
                .toList();
    }

    private static List<Contestant> withResponders(String natsC, String payloadBytes) {
        return List.of(
                jmh(MALLARD, MALLARD, RAW, payloadBytes),
                jmh(MALLARD_OWN, MALLARD, "own", payloadBytes),
                jmh(JNATS, JNATS, RAW, payloadBytes),
                jmh(JNATS_OWN, JNATS, "own", payloadBytes),
                jmh(RAW, RAW, RAW, payloadBytes),
                natsC(NATS_C_OWN, natsC, payloadBytes));
    }

    private static Contestant jmh(String name, String client, String responder, String payloadBytes) {
        return new Contestant(
                name, Bench.Kind.JMH, Map.of("client", client, "responder", responder, "payloadBytes", payloadBytes));
    }

    private static Contestant natsC(String name, String question, String payloadBytes) {
        return new Contestant(
                name, Bench.Kind.NATS_C, Map.of(NatsC.QUESTION, question, NatsC.PAYLOAD_BYTES, payloadBytes));
    }

    private static List<Pair> pairs(Figure speed, Figure cost) {
        return List.of(
                new Pair(MALLARD, RAW, speed),
                new Pair(JNATS, RAW, speed),
                new Pair(NATS_C, RAW, speed),
                new Pair(MALLARD, JNATS, speed),
                new Pair(MALLARD, NATS_C, speed),
                new Pair(MALLARD, JNATS, cost),
                new Pair(MALLARD, NATS_C, cost));
    }

    private static List<Pair> pairsWithResponders(Figure speed) {
        return List.of(
                new Pair(MALLARD, RAW, speed),
                new Pair(MALLARD_OWN, RAW, speed),
                new Pair(JNATS, RAW, speed),
                new Pair(JNATS_OWN, RAW, speed),
                new Pair(NATS_C_OWN, RAW, speed),
                new Pair(MALLARD, JNATS, speed),
                new Pair(MALLARD_OWN, JNATS_OWN, speed),
                new Pair(MALLARD_OWN, NATS_C_OWN, speed));
    }
}
