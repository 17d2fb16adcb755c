package io.mallard.internal.rehearsal;

import io.mallard.ConnectionOptions;
import io.mallard.internal.connection.Dialer;
import io.mallard.internal.connection.Introduction;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.Transport;
import io.mallard.protocol.wire.ConnectInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Servers that exist in memory: whichever is dialled is there at once, and what is published on one of them is delivered by all.
 *
 * <p>Threading: owned by the event loop.
 */
public final class ImaginedCluster implements Dialer {
    /** Of each server: less than a real one takes. */
    public static final int MAX_PAYLOAD = 16;

    private static final Introduction INTRODUCTION =
            Introduction.of(ConnectInfo.builder().version("0").build());
    private static final Attempt BEGUN = new Attempt() {
        @Override
        public long onTick(long nowNs) {
            return Long.MAX_VALUE; // It ends in this very turn of the loop, or the next.
        }

        @Override
        public void cancel() {
            // Nothing is left behind: whoever rehearses is about to end.
        }
    };

    private final EventLoop loop;
    private final List<ImaginedServer> servers = new ArrayList<>();

    public ImaginedCluster(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public Attempt dial(ServerAddress address, long deadlineNs, Caller caller) {
        try {
            ServerConnection.open(
                    loop,
                    address,
                    events -> connect(address, events),
                    INTRODUCTION,
                    ConnectionOptions.DEFAULTS,
                    new TrafficCounters(),
                    deadlineNs,
                    caller);
        } catch (IOException e) {
            throw new IllegalStateException("what is opened is no socket", e);
        }
        return BEGUN;
    }

    private Transport connect(ServerAddress address, Transport.Events client) {
        ImaginedServer server = new ImaginedServer(
                address.toString(),
                loop,
                client,
                (subject, payload) -> servers.forEach(each -> each.deliver(subject, payload)));
        servers.add(server);
        return server;
    }

    /** The server that was dialled first is about to leave. */
    public void enterLameDuckMode() {
        loop.execute(() -> servers.get(0).enterLameDuckMode());
    }
}
