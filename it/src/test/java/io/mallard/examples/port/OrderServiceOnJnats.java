package io.mallard.examples.port;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The service as it was, on jnats.
 *
 * <p>Threading: orders on the thread of one dispatcher, prices on that of another.
 */
public final class OrderServiceOnJnats implements OrderService {
    private final Watcher watcher;
    private final Connection connection;

    public OrderServiceOnJnats(List<String> servers, Watcher watcher) throws IOException, InterruptedException {
        this.watcher = watcher;
        Options options = new Options.Builder()
                .servers(servers.toArray(String[]::new))
                .noRandomize()
                .connectionName("orders")
                .connectionTimeout(Duration.ofSeconds(2))
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(250))
                .reconnectJitter(Duration.ofMillis(100))
                .reconnectBufferSize(16 << 20)
                .reportNoResponders()
                .connectionListener(this::onEvent)
                .errorListener(new ErrorListener() {
                    @Override
                    public void slowConsumerDetected(Connection connection, Consumer consumer) {
                        watcher.onSlow();
                    }
                })
                .build();
        connection = Nats.connect(options);
        Dispatcher prices = connection.createDispatcher(message -> watcher.onPrice(message.getData()));
        prices.setPendingLimits(10_000, 1 << 20);
        prices.subscribe("prices");
        connection.createDispatcher().subscribe("orders.new", "orders", this::onOrder);
    }

    private void onOrder(Message order) throws InterruptedException {
        Headers headers = new Headers(order.getHeaders()).add("Taken-By", "orders"); // getHeaders() may be null
        String outcome;
        try {
            Message stock = connection
                    .request("stock.reserve", headers, order.getData())
                    .get(500, TimeUnit.MILLISECONDS);
            outcome = new String(stock.getData(), UTF_8);
            connection.publish("orders.accepted", headers, order.getData());
        } catch (ExecutionException e) { // reportNoResponders
            outcome = "nobody keeps the stock";
        } catch (TimeoutException e) {
            outcome = "the stock says nothing";
        }
        connection.publish(order.getReplyTo(), headers, outcome.getBytes(UTF_8));
    }

    private void onEvent(Connection connection, ConnectionListener.Events event) {
        switch (event) {
            case DISCONNECTED -> watcher.onEvent("lost a server");
            case RECONNECTED -> watcher.onEvent("at " + connection.getConnectedUrl());
            case LAME_DUCK -> watcher.onEvent("the server is leaving, and will throw us out");
            default -> {}
        }
    }

    @Override
    public void stop() {
        try {
            connection.drain(Duration.ofSeconds(5)).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the service was not drained", e);
        }
    }
}
