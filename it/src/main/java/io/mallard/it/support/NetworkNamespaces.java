package io.mallard.it.support;

import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Hosts on this machine whose network can be parted: each is a network namespace of Linux with a link to the clients, who are outside,
 * and a link to the other hosts. A link that is down drops everything in silence, without an end or a reset.
 *
 * <p>What it makes has the id of this process in its name. What a process that is no more has left behind is removed before anything
 * else is made, and what runs in it is ended.
 *
 * <p>Threading: controlled by one thread.
 */
public final class NetworkNamespaces implements AutoCloseable {
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);
    private static final int FIRST_HOST = 10;
    private static final int NETS = 256;
    private static final String MISSING =
            "no network namespaces here, for which it takes Linux, the command ip of iproute2"
                    + " and the rights of root; to leave out the tests that want them: mvn verify -DexcludedGroups=namespaces; it was: ";

    private static final String NAMESPACE_PREFIX = "mallard-";
    private static final Pattern NAMESPACE = Pattern.compile(NAMESPACE_PREFIX + "(\\d+)-\\d+");
    /** Of a link 15 characters are all there can be. */
    private static final String LINK_PREFIX = "mld";

    private static final Pattern LINK = Pattern.compile(LINK_PREFIX + "(\\d+)[cp]\\d*");

    /** One of the links of a host. */
    public enum Link {
        CLIENTS("c", "10.213."),
        PEERS("p", "10.214.");

        private final String suffix;
        private final String network;

        Link(String suffix, String network) {
            this.suffix = suffix;
            this.network = network;
        }
    }

    private final long pid;
    private final int size;
    private final int net;

    private NetworkNamespaces(int size, long pid) {
        this.size = size;
        this.pid = pid;
        this.net = freeNet(pid);
    }

    /** So many hosts, all of which reach each other; throws if this machine does not allow it. */
    public static NetworkNamespaces create(int size) {
        return create(size, ProcessHandle.current().pid());
    }

    /** As above, in the name of a process. */
    static NetworkNamespaces create(int size, long pid) {
        try {
            removeLeftovers();
            NetworkNamespaces namespaces = new NetworkNamespaces(size, pid);
            try {
                namespaces.make();
            } catch (RuntimeException e) {
                try {
                    namespaces.close();
                } catch (RuntimeException other) {
                    e.addSuppressed(other);
                }
                throw e;
            }
            return namespaces;
        } catch (NatsServerException e) {
            throw new NatsServerException(MISSING + e.getMessage(), e);
        }
    }

    /** Where a server of this host listens for clients, and how it gets there. */
    public NatsServerConfig.Place place(int host) {
        return new NatsServerConfig.Place(address(Link.CLIENTS, host), List.of("ip", "netns", "exec", namespace(host)));
    }

    /** By which the other hosts find this one. */
    public String peerAddress(int host) {
        return address(Link.PEERS, host);
    }

    /** From now on nothing comes through this link, and nobody is told. */
    public void cut(Link link, int host) {
        ip("link", "set", outerEnd(link, host), "down");
    }

    /** From now on this link is as if nothing had been. */
    public void heal(Link link, int host) {
        ip("link", "set", outerEnd(link, host), "up");
    }

    /** Whether a link is up, as the kernel says. */
    public boolean isUp(Link link, int host) {
        return ip("-o", "link", "show", "dev", outerEnd(link, host)).contains("state UP");
    }

    /** Removes everything; what has run in there must have ended. */
    @Override
    public void close() {
        remove(id -> id == pid);
    }

    private void make() {
        for (Link link : Link.values()) {
            ip("link", "add", bridge(link), "type", "bridge");
            ip("link", "set", bridge(link), "up");
        }
        ip("addr", "add", network(Link.CLIENTS, net) + "1/24", "dev", bridge(Link.CLIENTS));
        for (int host = 0; host < size; host++) {
            ip("netns", "add", namespace(host));
            // Some machines let one make it and let nobody in.
            ip("netns", "exec", namespace(host), "true");
            ip("-n", namespace(host), "link", "set", "lo", "up");
            for (Link link : Link.values()) {
                String inner = "to" + link.suffix;
                ip(
                        "link",
                        "add",
                        outerEnd(link, host),
                        "type",
                        "veth",
                        "peer",
                        "name",
                        inner,
                        "netns",
                        namespace(host));
                ip("-n", namespace(host), "addr", "add", address(link, host) + "/24", "dev", inner);
                ip("-n", namespace(host), "link", "set", inner, "up");
                ip("link", "set", outerEnd(link, host), "master", bridge(link), "up");
            }
        }
    }

    private static void removeLeftovers() {
        remove(pid -> ProcessHandle.of(pid).isEmpty());
    }

    /** Tries to remove all of it, and throws what went wrong first. */
    private static void remove(LongPredicate whose) {
        List<Runnable> removals = new ArrayList<>();
        // The links first: the end of a namespace would take them along at some time.
        for (String link : ofProcesses(links(), LINK, whose)) {
            removals.add(() -> ip("link", "del", link));
        }
        for (String namespace : ofProcesses(namespaces(), NAMESPACE, whose)) {
            removals.add(() -> removeNamespace(namespace));
        }
        RuntimeException failure = null;
        for (Runnable removal : removals) {
            try {
                removal.run();
            } catch (NatsServerException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static void removeNamespace(String namespace) {
        ip("netns", "pids", namespace)
                .lines()
                .map(Long::valueOf)
                .map(ProcessHandle::of)
                .flatMap(Optional::stream)
                .forEach(ProcessHandle::destroyForcibly);
        ip("netns", "del", namespace);
    }

    private static List<String> ofProcesses(List<String> names, Pattern pattern, LongPredicate whose) {
        List<String> found = new ArrayList<>();
        for (String name : names) {
            Matcher matcher = pattern.matcher(name);
            if (matcher.matches() && whose.test(Long.parseLong(matcher.group(1)))) {
                found.add(name);
            }
        }
        return found;
    }

    private static List<String> namespaces() {
        return ip("netns", "list").lines().map(line -> line.split(" ", 2)[0]).toList();
    }

    private static List<String> links() {
        String[] names = new File("/sys/class/net").list();
        if (names == null) {
            throw new NatsServerException("no list of the network's links");
        }
        return List.of(names);
    }

    /** The third number of the addresses of this process: one that nobody uses here. */
    private static int freeNet(long pid) {
        String taken = ip("-4", "-o", "addr", "show");
        return (int) IntStream.range(0, NETS)
                .mapToLong(i -> (pid + i) % NETS)
                .filter(net -> Arrays.stream(Link.values()).noneMatch(link -> taken.contains(" " + network(link, net))))
                .findFirst()
                .orElseThrow(() -> new NatsServerException("every network of " + NETS + " is taken"));
    }

    private static String network(Link link, long net) {
        return link.network + net + ".";
    }

    private String address(Link link, int host) {
        return network(link, net) + (FIRST_HOST + host);
    }

    private String namespace(int host) {
        return NAMESPACE_PREFIX + pid + "-" + host;
    }

    private String bridge(Link link) {
        return LINK_PREFIX + pid + link.suffix;
    }

    /** What a host's link is plugged in by. */
    private String outerEnd(Link link, int host) {
        return bridge(link) + host;
    }

    private static String ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        return ExternalProcess.run(COMMAND_TIMEOUT, command);
    }
}
