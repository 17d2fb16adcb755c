package io.mallard.examples.port;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.ClientListener;
import io.mallard.HandoverReport;
import io.mallard.Headers;
import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.Subscription;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service as it is, on Mallard.
 *
 * <p>Threading: orders one at a time, prices one at a time, both on threads of the client's.
 */
public final class OrderServiceOnMallard implements OrderService {
    private final Watcher watcher;
    private final NatsClient client;

    public OrderServiceOnMallard(List<String> servers, Watcher watcher) {
        this.watcher = watcher;
        NatsOptions options = NatsOptions.builder()
                .servers(servers.toArray(String[]::new))
                .noRandomize(true)
                .name("orders")
                .connectTimeout(Duration.ofSeconds(2))
                .reconnectFirstDelay(Duration.ofMillis(350))
                .reconnectMaxDelay(Duration.ofMillis(350))
                .reconnectJitter(100.0 / 350)
                .reconnectBufferSize(16 << 20)
                .listener(new Events())
                .build();
        client = NatsClient.connect(options);
        client.subscribe("prices", message -> watcher.onPrice(message.payload()))
                .setPendingLimits(10_000, 1 << 20);
        client.subscribe("orders.new", "orders", this::onOrder);
    }

    private void onOrder(NatsMessage order) {
        Headers headers = order.headers().with("Taken-By", "orders");
        String outcome;
        try {
            NatsMessage stock = client.request("stock.reserve", headers, order.payload(), Duration.ofMillis(500));
            outcome = new String(stock.payload(), UTF_8);
            client.publish("orders.accepted", headers, order.payload());
        } catch (NatsException e) {
            outcome = switch (e.status()) {
                case NO_RESPONDERS -> "nobody keeps the stock";
                case TIMEOUT -> "the stock says nothing";
                default -> throw e;
            };
        }
        order.respond(headers, outcome.getBytes(UTF_8));
    }

    private final class Events implements ClientListener {
        @Override
        public void onDisconnected(String url, @Nullable Throwable cause, long publishesInDoubt) {
            watcher.onEvent("lost a server, " + publishesInDoubt + " publishes in doubt");
        }

        @Override
        public void onReconnected(String url) {
            watcher.onEvent("at " + url);
        }

        @Override
        public void onLameDuckMode(String url) {
            watcher.onEvent("the server is leaving, and so are we");
        }

        @Override
        public void onHandoverComplete(HandoverReport report) {
            watcher.onEvent("at " + report.toUrl() + (report.isExact() ? ", nothing lost" : ", see " + report));
        }

        @Override
        public void onSlowConsumer(Subscription subscription) {
            watcher.onSlow();
        }
    }

    @Override
    public void stop() {
        client.drain(Duration.ofSeconds(5)).join();
    }
}
