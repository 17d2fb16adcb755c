package io.mallard.it.support;

import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes the clients of a test and checks after it that each one is closed and owes nobody an answer. To be registered as an extension.
 *
 * <p>Threading: thread-safe.
 */
public final class Clients implements AfterEachCallback {
    private final Queue<NatsClient> clients = new ConcurrentLinkedQueue<>();
    private final Queue<CompletableFuture<?>> futures = new ConcurrentLinkedQueue<>();

    /** A connected client, which the test closes. */
    public NatsClient connect(NatsOptions.Builder options) {
        NatsClient client = NatsClient.connect(options.build());
        clients.add(client);
        return client;
    }

    /** A connected client with the defaults, which the test closes. */
    public NatsClient connect(String... servers) {
        return connect(NatsOptions.builder().servers(servers));
    }

    /** A future that must be completed when the test is over, with a result or a failure. */
    public <T> CompletableFuture<T> track(CompletableFuture<T> future) {
        futures.add(future);
        return future;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        List<String> leaks = leaks();
        if (!leaks.isEmpty()) {
            throw new AssertionError("left behind: " + leaks);
        }
    }

    List<String> leaks() {
        List<String> leaks = new ArrayList<>();
        for (NatsClient client : clients) {
            if (client.tryPublish("closed", new byte[0]) != NatsStatus.CONNECTION_CLOSED) {
                leaks.add("a client that is not closed, connected to " + client.connectedUrl());
                client.close();
            }
            if (client.metrics().pendingRequests() != 0) {
                leaks.add(client.metrics().pendingRequests() + " pending requests of a closed client");
            }
        }
        long incomplete = futures.stream().filter(future -> !future.isDone()).count();
        if (incomplete != 0) {
            leaks.add(incomplete + " futures that were never completed");
        }
        return leaks;
    }
}
