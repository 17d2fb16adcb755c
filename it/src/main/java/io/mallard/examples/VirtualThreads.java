package io.mallard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Two thousand requests that block, all at a time, each on a thread of its own. Ends by itself.
 *
 * <pre>
 * java -cp it/target/mallard-it.jar io.mallard.examples.VirtualThreads nats://localhost:4222
 * </pre>
 *
 * <p>This compiles on JDK 17, where those threads are the system's. From JDK 21 on replace one line, and they cost next to nothing:
 *
 * <pre>{@code
 * ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
 * }</pre>
 *
 * <p>No virtual thread is pinned to its carrier by Mallard, neither one that waits for an answer nor one that runs a handler.
 *
 * <p>Threading: requests on the threads of the executor, and so are the handlers of the client.
 */
public final class VirtualThreads {
    private static final int REQUESTS = 2_000;
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private VirtualThreads() {}

    public static void main(String... servers) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            run(threads, servers);
        } finally {
            threads.shutdown();
        }
    }

    /** The same with threads of the caller's. */
    public static void run(ExecutorService threads, String... servers) throws InterruptedException, ExecutionException {
        NatsOptions options =
                NatsOptions.builder().servers(servers).executor(threads).build();
        try (NatsClient client = NatsClient.connect(options)) {
            List<NatsMessage> asked = new ArrayList<>();
            client.subscribe("squares", request -> {
                asked.add(request);
                if (asked.size() == REQUESTS) { // Until now all of them have waited.
                    asked.forEach(VirtualThreads::answer);
                }
            });
            List<Future<Boolean>> answers = new ArrayList<>();
            for (int i = 1; i <= REQUESTS; i++) {
                int number = i;
                answers.add(threads.submit(() -> ask(client, number) == number * number));
            }
            int right = 0;
            for (Future<Boolean> answer : answers) {
                right += answer.get() ? 1 : 0;
            }
            System.out.println(REQUESTS + " requests waited at a time, " + right + " were answered rightly");
        }
    }

    /** Blocks, as code is easiest to read. */
    private static int ask(NatsClient client, int number) {
        NatsMessage answer = client.request("squares", Integer.toString(number).getBytes(UTF_8), DEADLINE);
        return number(answer);
    }

    private static void answer(NatsMessage request) {
        int number = number(request);
        request.respond(Integer.toString(number * number).getBytes(UTF_8));
    }

    private static int number(NatsMessage message) {
        return Integer.parseInt(new String(message.payload(), UTF_8));
    }
}
