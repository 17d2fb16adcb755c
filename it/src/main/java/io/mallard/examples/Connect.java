package io.mallard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.ClientListener;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects, subscribes, publishes, flushes and closes, with the options that one really sets. Ends by itself.
 *
 * <pre>
 * java -cp it/target/mallard-it.jar io.mallard.examples.Connect nats://localhost:4222
 * </pre>
 *
 * <p>Threading: the handler runs on a thread of the client's, one message at a time and in order; the listener on another.
 */
public final class Connect {
    private static final int GREETINGS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Connect() {}

    /** Talks to itself through the servers whose URLs it is given: one is enough, the others of its cluster are discovered. */
    public static void main(String... servers) throws InterruptedException {
        NatsOptions options = NatsOptions.builder()
                .servers(servers)
                .name("greeter") // What the server's monitoring calls the client.
                .connectTimeout(Duration.ofSeconds(2)) // For one attempt at one server.
                .reconnectBufferSize(16 << 20) // For what is published while there is no server.
                .listener(new Events())
                .build();
        CountDownLatch missing = new CountDownLatch(GREETINGS);
        try (NatsClient client = NatsClient.connect(options)) {
            client.subscribe("greetings.*", message -> {
                System.out.println("received " + new String(message.payload(), UTF_8) + " on " + message.subject());
                missing.countDown();
            });
            for (int i = 1; i <= GREETINGS; i++) {
                client.publish("greetings.anna", ("hello " + i).getBytes(UTF_8));
            }
            client.flush(PATIENCE); // The server has processed all of it.
            System.out.println("published " + GREETINGS);
            if (!missing.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                System.out.println("still missing " + missing.getCount());
            }
        } // What was accepted is sent before the connection is closed.
        System.out.println("closed");
    }

    /** What one wants to know of in production: all of it is in the log and in the metrics as well. */
    private static final class Events implements ClientListener {
        @Override
        public void onDisconnected(String url, @Nullable Throwable cause, long publishesInDoubt) {
            System.out.println("lost " + url + ", " + publishesInDoubt + " publishes in doubt");
        }

        @Override
        public void onError(Throwable error) {
            System.out.println("error: " + error.getMessage());
        }
    }
}
