package io.mallard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.Headers;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import java.time.Duration;
import java.util.Map;

/**
 * A service that answers, two of them in a queue group, and a caller with a deadline: what an answer looks like, and what the errors
 * do. Ends by itself.
 *
 * <pre>
 * java -cp it/target/mallard-it.jar io.mallard.examples.RequestReplyService nats://localhost:4222
 * </pre>
 *
 * <p>Threading: each instance handles one request at a time, on a thread of its client's; the caller blocks.
 */
public final class RequestReplyService {
    private static final Map<String, String> PRICES = Map.of("tea", "3.20", "coffee", "4.10");
    private static final Duration DEADLINE = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private RequestReplyService() {}

    /** Starts two instances of the service, each with a connection of its own as if in another process, and asks them. */
    public static void main(String... servers) {
        try (NatsClient one = NatsClient.connect(servers);
                NatsClient other = NatsClient.connect(servers);
                NatsClient caller = NatsClient.connect(servers)) {
            serve(one);
            serve(other);
            System.out.println("tea: " + ask(caller, "price.tea"));
            System.out.println("coffee: " + ask(caller, "price.coffee"));
            System.out.println("gold: " + ask(caller, "price.gold"));
            System.out.println("nothing: " + ask(caller, "price.nothing"));
            System.out.println("stock: " + ask(caller, "stock.tea"));
            one.drain(PATIENCE).join(); // A service that stops answers first what it was asked.
            other.drain(PATIENCE).join();
        }
    }

    /** Each request goes to one member of the group. */
    private static void serve(NatsClient client) {
        client.subscribe("price.*", "pricing", RequestReplyService::answer);
        client.flush(PATIENCE); // From now on the server knows of it.
    }

    private static void answer(NatsMessage request) {
        String product = request.subject().substring("price.".length());
        if (product.equals("nothing")) {
            return; // As a service does that hangs.
        }
        String price = PRICES.get(product);
        if (price == null) {
            // What the service has to say of its own accord goes into a header, or into the payload.
            request.respond(Headers.of("Error", "no such product"), new byte[0]);
        } else {
            request.respond(price.getBytes(UTF_8));
        }
    }

    private static String ask(NatsClient client, String subject) {
        try {
            NatsMessage answer = client.request(subject, new byte[0], DEADLINE);
            String error = answer.headers().first("Error");
            return error == null ? new String(answer.payload(), UTF_8) : "refused, " + error;
        } catch (NatsException e) {
            return switch (e.status()) {
                case NO_RESPONDERS -> "nobody serves this";
                case TIMEOUT ->
                    "no answer in time, " + (e.isNeverSent() ? "and never asked" : "it may have been executed");
                default -> throw e;
            };
        }
    }
}
