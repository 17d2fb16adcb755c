package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The TCP sockets of this process, as the Linux kernel lists them.
 *
 * <p>Threading: stateless.
 */
final class OpenSockets {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final List<Path> TABLES = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)\\]");

    // sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout inode …
    private static final Pattern ROW =
            Pattern.compile("\\s*\\d+: \\S+:(\\p{XDigit}{4}) \\S+:(\\p{XDigit}{4}) (?:\\S+\\s+){6}(\\d+).*");

    static {
        if (!Files.isDirectory(DESCRIPTORS)) {
            System.err.println("leak check: no " + DESCRIPTORS + " here, so only threads are checked, not sockets");
        }
    }

    /** One of them; a socket opened later is another one even if it has the same ports. */
    record Socket(String inode, int localPort, int remotePort) {
        @Override
        public String toString() {
            return remotePort == 0 ? "listening on " + localPort : "from " + localPort + " to " + remotePort;
        }
    }

    private OpenSockets() {}

    static Set<Socket> ofThisProcess() {
        Set<Socket> sockets = new HashSet<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return sockets;
        }
        try {
            Set<String> inodes = inodes();
            for (Path table : TABLES) {
                if (Files.exists(table)) {
                    for (String row : Files.readAllLines(table)) {
                        Matcher matcher = ROW.matcher(row);
                        if (matcher.matches() && inodes.contains(matcher.group(3))) {
                            sockets.add(new Socket(matcher.group(3), port(matcher.group(1)), port(matcher.group(2))));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sockets;
    }

    private static Set<String> inodes() throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
                try {
                    Matcher socket =
                            SOCKET.matcher(Files.readSymbolicLink(descriptor).toString());
                    if (socket.matches()) {
                        inodes.add(socket.group(1));
                    }
                } catch (NoSuchFileException e) {
                    // Closed since it was listed.
                }
            }
        }
        return inodes;
    }

    private static int port(String hexadecimal) {
        return Integer.parseInt(hexadecimal, 16);
    }
}
