package io.mallard.internal.connection;

import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.wire.ConnectInfo;
import io.mallard.protocol.wire.ServerInfo;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the client says of itself to one server, once it has heard of it. */
@FunctionalInterface
public interface Introduction {
    /**
     * What goes into CONNECT.
     *
     * @param expiry of what it says; null for never
     */
    record Hello(ConnectInfo connectInfo, @Nullable Expiry expiry) {}

    /** Asked on the event loop. The answer is there at once, or comes later on any thread; a failure says what is missing. */
    CompletableFuture<Hello> to(ServerAddress address, ServerInfo server);

    /** The same to every server. */
    static Introduction of(ConnectInfo connectInfo) {
        return (address, server) -> CompletableFuture.completedFuture(new Hello(connectInfo, null));
    }
}
