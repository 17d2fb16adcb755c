package io.mallard.it.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Hands out free loopback ports that stay free while their server is down: a server must come back where its clients look for it.
 *
 * <p>Threading: thread-safe.
 */
final class LoopbackPorts {
    private static final int FIRST = 10_000;
    private static final int ATTEMPTS = 1_000;

    // From here on the kernel picks the ports of outgoing connections. One of them could take the place of a server
    // that restarts, or,
    // dialling a server that is down, connect to itself.
    private static final int END = firstEphemeralPort();

    private static final ReentrantLock LOCK = new ReentrantLock();
    // Guarded by LOCK.
    private static final Set<Integer> RESERVED = new HashSet<>();
    private static final Random RANDOM = new Random();

    private LoopbackPorts() {}

    static int reserve() {
        LOCK.lock();
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                int port = FIRST + RANDOM.nextInt(END - FIRST);
                if (!RESERVED.contains(port) && isFree(port)) {
                    RESERVED.add(port);
                    return port;
                }
            }
        } finally {
            LOCK.unlock();
        }
        throw new NatsServerException(
                "no free loopback port in " + ATTEMPTS + " attempts from " + FIRST + " to " + END);
    }

    static void release(int port) {
        LOCK.lock();
        try {
            RESERVED.remove(port);
        } finally {
            LOCK.unlock();
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static int firstEphemeralPort() {
        Path range = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
        int linuxDefault = 32_768;
        try {
            int first = Files.isReadable(range)
                    ? Integer.parseInt(Files.readString(range).split("\\s", 2)[0])
                    : linuxDefault;
            return first > FIRST ? first : linuxDefault;
        } catch (IOException e) {
            return linuxDefault;
        }
    }
}
