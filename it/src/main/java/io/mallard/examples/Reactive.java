package io.mallard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.PendingOptions;
import io.mallard.PendingPolicy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Messages as a publisher of Reactive Streams, whose subscriber is handed ten at a time because it asks for ten. Ends by itself.
 *
 * <pre>
 * java -cp it/target/mallard-it.jar io.mallard.examples.Reactive nats://localhost:4222
 * </pre>
 *
 * <p>Libraries take such a publisher: {@code JdkFlowAdapter.flowPublisherToFlux(prices)} of Reactor, and their like.
 *
 * <p>Threading: signals come one at a time, on threads of the client's; no thread waits while nothing is requested.
 */
public final class Reactive {
    private static final int PRICES = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Reactive() {}

    public static void main(String... servers) {
        // Of what is not requested yet the newest thousand wait.
        PendingOptions newest = new PendingOptions(1_000, 1 << 20, PendingPolicy.DROP_OLD);
        try (NatsClient client = NatsClient.connect(servers)) {
            Flow.Publisher<NatsMessage> prices = client.publisher("prices.*", null, newest);
            InTens subscriber = new InTens();
            prices.subscribe(subscriber);
            for (int i = 1; i <= PRICES; i++) {
                client.publish("prices.tea", Integer.toString(i).getBytes(UTF_8));
            }
            client.flush(PATIENCE);
            client.drain(PATIENCE).join(); // Ends the stream behind its last message.
            subscriber.end.join();
        }
    }

    private static final class InTens implements Flow.Subscriber<NatsMessage> {
        private static final int DEMAND = 10;

        final CompletableFuture<Void> end = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;
        private int taken;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(DEMAND);
        }

        @Override
        public void onNext(NatsMessage price) {
            if (++taken % DEMAND == 0 && subscription != null) {
                System.out.println(taken + " taken, the last is " + new String(price.payload(), UTF_8));
                subscription.request(DEMAND);
            }
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            System.out.println("complete after " + taken);
            end.complete(null);
        }
    }
}
