package io.mallard.it.support;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The servers not closed yet. They are closed when the JVM ends, so that an interrupted program leaves no process behind.
 *
 * <p>Threading: thread-safe.
 */
public final class OpenServers {
    private static final Set<NatsServer> OPEN = ConcurrentHashMap.newKeySet();

    // Once true, always true.
    private static volatile boolean jvmEnds;

    /** Done before the servers are closed. */
    private static volatile Runnable first = () -> {};

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(OpenServers::closeAll, "close-nats-servers"));
    }

    private OpenServers() {}

    /** Lets a program end what it is at, which may need its servers, before the end of the JVM takes them away. */
    public static void whenInterrupted(Runnable first) {
        OpenServers.first = first;
    }

    static void add(NatsServer server) {
        OPEN.add(server);
        if (jvmEnds) {
            throw new IllegalStateException("the JVM ends, " + server.name() + " would be left behind");
        }
    }

    static void remove(NatsServer server) {
        OPEN.remove(server);
    }

    private static void closeAll() {
        first.run();
        jvmEnds = true;
        // All get the signal first, so that their graces run side by side.
        OPEN.stream().filter(NatsServer::isAlive).forEach(NatsServer::stop);
        for (NatsServer server : OPEN) {
            try {
                server.close();
            } catch (RuntimeException e) {
                // Nobody is left to throw it to, and the others are still to be closed.
                System.err.println("nats-server " + server.name() + " was not closed: " + e);
            }
        }
    }
}
