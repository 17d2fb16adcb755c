package io.mallard.internal.server;

import io.mallard.ReconnectOptions;
import io.mallard.protocol.wire.ServerInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The servers that are known, in the order they will be tried: configured and preferred ones for ever, discovered ones as
 * long as the cluster speaks of them. Preferred ones come first, and among its like whichever was connected to last is
 * tried last. One that has failed as often as it may is no candidate until there is a connection.
 *
 * <p>Threading: owned by the event loop.
 */
public final class ServerPool {
    /** A leaving server refuses connects until it is back, so little is lost by trying again after a while. */
    static final long LAME_FOR_NS = TimeUnit.SECONDS.toNanos(30);

    /** More than there are in any cluster: a server may say as many as fit into its INFO. */
    static final int MAX_ANNOUNCED = 10_000;

    private static final class Server {
        final ServerAddress address;
        boolean configured;
        /** The last list that was to say so had it. */
        boolean listed;
        /** Its last known {@code server_id}: two addresses may be one server. */
        @Nullable
        String serverId;

        boolean lame;
        /**
         * The last list of another server did not have it. That may be known before its own word that it leaves: the
         * two travel on two sockets.
         */
        boolean vanished;

        long lameUntilNs;
        /** By what words it has refused the credentials last; null unless it has since it was last connected to. */
        @Nullable
        String refusal;
        /** It has done so twice in a row, by the same words. */
        boolean refusedTwice;
        /** Failed attempts in a row while there was no connection, and what was wrong with the last one. */
        int failures;

        String lastFailure = "not tried";

        Server(ServerAddress address, boolean configured) {
            this.address = address;
            this.configured = configured;
        }

        boolean is(ServerAddress other, String otherId) {
            return address.equals(other) || otherId.equals(serverId);
        }

        void onRefused(String words) {
            refusedTwice |= words.equals(refusal);
            refusal = words;
        }

        void forgive() {
            refusal = null;
            refusedTwice = false;
        }

        boolean isLame(long nowNs) {
            return lame && lameUntilNs - nowNs > 0;
        }

        void onLameDuck(long nowNs) {
            lame = true;
            lameUntilNs = nowNs + LAME_FOR_NS;
        }

        /** Whether it is back. */
        boolean onListed(boolean isListed) {
            boolean back = isListed && vanished;
            if (back) {
                lame = false;
            }
            listed = isListed;
            vanished = !isListed;
            return back;
        }
    }

    private final List<Server> servers = new ArrayList<>();
    /** Some of them. */
    private final List<Server> preferred = new ArrayList<>();
    /** Whichever was connected to last. */
    private @Nullable Server latest;
    /** Preferred to those, as the user has asked meanwhile; one of the servers. */
    private @Nullable Server adopted;

    private final Scheme scheme;
    private final boolean randomize;
    private final boolean ignoreDiscovered;
    private final int maxAttempts;
    private final Random random;
    // Latch: once true, always true.
    private boolean everConnected;

    /**
     * @param configured at least one, and all of them reached in one way, as all others are
     * @param preferred need not be configured, and are tried in the order given
     * @param ignoreDiscovered whether to take no servers but these
     * @param maxAttempts attempts at a server that may fail in a row, or FOREVER
     */
    public ServerPool(
            List<ServerAddress> configured,
            List<ServerAddress> preferred,
            boolean randomize,
            boolean ignoreDiscovered,
            int maxAttempts,
            Random random) {
        this.scheme = configured.get(0).scheme();
        this.randomize = randomize;
        this.ignoreDiscovered = ignoreDiscovered;
        this.maxAttempts = maxAttempts;
        this.random = random;
        configured.stream().distinct().forEach(address -> servers.add(new Server(address, true)));
        if (randomize) {
            Collections.shuffle(servers, random);
        }
        for (ServerAddress address : new LinkedHashSet<>(preferred)) {
            Server known = find(address);
            if (known == null) {
                known = new Server(address, true);
                servers.add(known);
            }
            this.preferred.add(known);
        }
    }

    /**
     * From now on these are configured, and every one of them is worth a try. Others stay if they are preferred, or if the
     * cluster speaks of them.
     */
    public void configure(List<ServerAddress> configured) {
        List<Server> before = List.copyOf(servers);
        List<Server> now = new ArrayList<>();
        for (ServerAddress address : new LinkedHashSet<>(configured)) {
            Server known = find(address);
            Server server = known == null ? new Server(address, true) : known;
            server.configured = true;
            server.failures = 0;
            server.forgive();
            now.add(server);
        }
        if (randomize) {
            Collections.shuffle(now, random);
        }
        for (Server server : before) {
            if (!now.contains(server)) {
                server.configured = preferred.contains(server);
                if (server.configured || server == adopted || (server.listed && !ignoreDiscovered)) {
                    now.add(server);
                }
            }
        }
        if (latest != null && now.remove(latest)) {
            now.add(latest);
        }
        servers.clear();
        servers.addAll(now);
    }

    /** Whether the server behind this address is a candidate at all, by whatever address it is known. */
    public boolean isKnown(ServerAddress address, String serverId) {
        return servers.stream().anyMatch(server -> server.is(address, serverId));
    }

    /** Preferred servers are there to move to: the very first connection goes to a configured one, if that is possible. */
    private List<Server> inOrder() {
        if (!everConnected) {
            return servers;
        }
        Set<Server> order = new LinkedHashSet<>();
        if (adopted != null) {
            order.add(adopted);
        }
        order.addAll(preferred);
        order.addAll(servers);
        return List.copyOf(order);
    }

    /** Prefers a server to all others until told otherwise; null for none. It need not be known. */
    public void adopt(@Nullable ServerAddress address) {
        adopted = null;
        if (address != null) {
            adopted = find(address);
            if (adopted == null) {
                adopted = new Server(address, false);
                servers.add(adopted);
            }
        }
    }

    /** Whether the server behind this address is the adopted one, by whatever address it is known. */
    public boolean isAdopted(ServerAddress address, String serverId) {
        return adopted != null && adopted.is(address, serverId);
    }

    public boolean hasAdopted() {
        return adopted != null;
    }

    /** Servers worth a try besides those in use, in the order to try them; lame ones are left out. */
    public List<ServerAddress> candidatesBeside(
            Set<ServerAddress> usedAddresses, Set<String> usedServerIds, long nowNs) {
        return inOrder().stream()
                .filter(server -> !server.refusedTwice
                        && !server.isLame(nowNs)
                        && !usedAddresses.contains(server.address)
                        && (server.serverId == null || !usedServerIds.contains(server.serverId)))
                .map(server -> server.address)
                .toList();
    }

    /**
     * Every server but those that have refused twice or failed as often as they may, in the order to try them: lame ones,
     * which may be back, at the end.
     */
    public List<ServerAddress> candidates(long nowNs) {
        List<Server> worthATry =
                inOrder().stream().filter(server -> !isUsedUp(server)).toList();
        List<ServerAddress> candidates = new ArrayList<>();
        worthATry.stream().filter(server -> !server.isLame(nowNs)).forEach(server -> candidates.add(server.address));
        worthATry.stream().filter(server -> server.isLame(nowNs)).forEach(server -> candidates.add(server.address));
        return candidates;
    }

    /**
     * A server has refused the credentials. The second time in a row that it does so by the same words is the last: it is
     * no candidate any more until it is forgiven.
     */
    public void onRefused(ServerAddress address, String words) {
        Server server = find(address);
        if (server != null) {
            server.onRefused(words);
        }
    }

    /** The servers that have refused twice. */
    public List<ServerAddress> refusedTwice() {
        return servers.stream()
                .filter(server -> server.refusedTwice)
                .map(server -> server.address)
                .toList();
    }

    /** Whether no server is left that has not refused twice. */
    public boolean isRefusedByAll() {
        return servers.stream().allMatch(server -> server.refusedTwice);
    }

    private boolean isUsedUp(Server server) {
        boolean spent =
                maxAttempts != ReconnectOptions.FOREVER && server.failures > 0 && server.failures >= maxAttempts;
        return spent || server.refusedTwice;
    }

    /** An attempt at this server has failed, and there is no connection. */
    public void onFailed(ServerAddress address, String why) {
        Server server = find(address);
        if (server != null) {
            server.failures++;
            server.lastFailure = why;
        }
    }

    /** Whether no server is left that is worth another try. */
    public boolean isUsedUp() {
        return servers.stream().allMatch(this::isUsedUp);
    }

    /** Every server with what was wrong with it last. */
    public String lastFailures() {
        return servers.stream()
                .map(server -> server.address + ": " + server.lastFailure)
                .sorted()
                .collect(Collectors.joining("; "));
    }

    /** There is a connection again: if it is lost, attempts are counted anew. */
    public void countAnew() {
        servers.forEach(server -> server.failures = 0);
    }

    /** Every server is worth a try again. */
    public void forgive() {
        servers.forEach(Server::forgive);
    }

    /** Whether the server behind this address is one of the preferred ones, by whatever address it is known. */
    public boolean isPreferred(ServerAddress address, String serverId) {
        return preferred.stream().anyMatch(server -> server.is(address, serverId));
    }

    /** A connection to this server is up. */
    public void onConnected(ServerAddress address, ServerInfo info) {
        everConnected = true;
        Server server = find(address);
        if (server != null) {
            String serverId = idOf(info);
            if (!Objects.equals(serverId, server.serverId)) {
                server.serverId = serverId;
                server.lame = false; // Another process than the one that was leaving.
            }
            server.forgive();
            latest = server;
            servers.remove(server);
            servers.add(server);
            if (preferred.remove(server)) {
                preferred.add(server);
            }
        }
    }

    /** Without an id, which only odd servers have, a server is known by its address alone. */
    private static @Nullable String idOf(ServerInfo info) {
        return info.serverId().isEmpty() ? null : info.serverId();
    }

    /**
     * A server of the cluster says which servers there are. Its list is the truth about discovered ones other than
     * itself: a server that leaves begins by leaving itself out, and is in the lists of the others until it is gone. A
     * leaving server is back when it was gone from them and is there again; a client that was told to leave on its own
     * stays in them all the time. A server that knows of no others says nothing about them.
     *
     * @return the servers that have appeared and were not there before
     */
    public List<ServerAddress> onInfo(ServerInfo info) {
        if (info.connectUrls().isEmpty()) {
            return List.of();
        }
        Set<ServerAddress> announced = new LinkedHashSet<>();
        for (String url : info.connectUrls()) {
            if (announced.size() == MAX_ANNOUNCED) {
                break;
            }
            try {
                ServerAddress address = ServerAddress.parse(url, scheme);
                if (address.scheme() == scheme) {
                    announced.add(address);
                }
            } catch (IllegalArgumentException e) {
                // A peer's address this client cannot dial does not make the others useless.
            }
        }
        String speaker = idOf(info);
        Predicate<Server> isOther = server -> speaker == null || !speaker.equals(server.serverId);
        servers.removeIf(server ->
                isOther.test(server) && !server.configured && server != adopted && !announced.contains(server.address));
        List<ServerAddress> appeared = new ArrayList<>();
        for (Server server : servers) {
            if (isOther.test(server) && server.onListed(announced.contains(server.address))) {
                appeared.add(server.address);
            }
        }
        Map<ServerAddress, Server> before = new HashMap<>();
        servers.forEach(server -> before.put(server.address, server));
        for (ServerAddress address : announced) {
            Server known = before.get(address);
            if (known != null) {
                known.listed = true;
            } else if (!ignoreDiscovered) {
                int position = randomize ? random.nextInt(servers.size() + 1) : servers.size();
                Server discovered = new Server(address, false);
                discovered.listed = true;
                servers.add(position, discovered);
                appeared.add(address);
            }
        }
        return appeared;
    }

    /** The server behind this address is about to leave. */
    public void onLameDuck(ServerAddress address, String serverId, long nowNs) {
        for (Server server : servers) {
            if (server.address.equals(address) || serverId.equals(server.serverId)) {
                server.onLameDuck(nowNs);
            }
        }
    }

    private @Nullable Server find(ServerAddress address) {
        for (Server server : servers) {
            if (server.address.equals(address)) {
                return server;
            }
        }
        return null;
    }
}
