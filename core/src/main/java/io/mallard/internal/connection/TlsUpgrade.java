package io.mallard.internal.connection;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.TlsMode;
import io.mallard.TlsOptions;
import io.mallard.internal.server.Scheme;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.TlsTransport;
import io.mallard.protocol.net.Transport;
import io.mallard.protocol.wire.ServerInfo;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Whether the connections of one client are encrypted, by which name their servers are verified, and how TLS gets between
 * a connection and its socket.
 *
 * <p>Threading: owned by the event loop; engines are made on the executor, because files may be read for them.
 */
public final class TlsUpgrade {
    /** Without TLS: a server that requires it is refused. */
    static final TlsUpgrade NONE = new TlsUpgrade(
            new TlsOptions(TlsMode.OFF, false, false, null, null, null, null, null), Set.of(), Runnable::run);

    private final TlsOptions options;
    private Set<String> configuredHosts;
    private final Executor executor;
    /** The first name that a server has proved to be its own. */
    private @Nullable String provedName;

    /**
     * {@code configured} are the servers the user has named, as opposed to those a server has named. {@code executor} makes
     * engines and runs the tasks of handshakes.
     */
    public TlsUpgrade(TlsOptions options, Collection<ServerAddress> configured, Executor executor) {
        this.options = options;
        this.configuredHosts = hosts(configured);
        this.executor = executor;
    }

    private static Set<String> hosts(Collection<ServerAddress> configured) {
        return configured.stream().map(ServerAddress::host).collect(Collectors.toUnmodifiableSet());
    }

    /** From now on the user has named these servers. */
    public void configure(Collection<ServerAddress> configured) {
        configuredHosts = hosts(configured);
        if (provedName != null && !configuredHosts.contains(provedName)) {
            provedName = null; // It may be another cluster.
        }
    }

    TlsOptions options() {
        return options;
    }

    /** Whether TLS comes before anything else. */
    boolean isFirst(ServerAddress address) {
        return options.first() || address.scheme() == Scheme.WSS;
    }

    /**
     * Whether TLS comes behind this INFO.
     *
     * @throws NatsException when the server and the options do not agree on that
     */
    boolean isDue(ServerAddress address, ServerInfo info) {
        if (address.scheme().isWebSocket()) {
            return false;
        }
        if (options.mode() == TlsMode.OFF) {
            if (info.tlsRequired()) {
                throw new NatsException(
                        NatsStatus.SECURE_CONNECTION_REQUIRED,
                        "the server requires TLS, which the client must not use (tls=OFF); set tls to AUTOMATIC");
            }
            return false;
        }
        boolean offered = info.tlsRequired() || info.tlsAvailable();
        if (options.isRequired() && !offered) {
            throw new NatsException(
                    NatsStatus.SECURE_CONNECTION_WANTED,
                    "the server offers no TLS, which the client requires (tls=" + options.mode()
                            + "); it goes on without if tls is AVAILABLE and no URL begins with tls://");
        }
        return info.tlsRequired() || (offered && (options.isRequired() || options.mode() == TlsMode.AVAILABLE));
    }

    /** Makes an engine for one connection; one of the two is told, on the loop. */
    void makeEngine(Executor loop, ServerAddress address, Consumer<SSLEngine> onMade, Consumer<Throwable> onFailed) {
        String name = nameOf(address);
        try {
            executor.execute(() -> {
                Runnable outcome;
                try {
                    SSLEngine engine = engine(name, address.port());
                    outcome = () -> onMade.accept(engine);
                } catch (RuntimeException | Error e) { // Of a supplier of the user's, too.
                    outcome = () -> onFailed.accept(e);
                }
                try {
                    loop.execute(outcome);
                } catch (RejectedExecutionException e) {
                    // The client was closed meanwhile.
                }
            });
        } catch (RejectedExecutionException e) {
            loop.execute(() -> onFailed.accept(e));
        }
    }

    private SSLEngine engine(String name, int port) {
        SSLEngine engine = TlsContexts.make(options).createSSLEngine(name, port);
        engine.setUseClientMode(true);
        if (!options.acceptAnyHostName()) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
        }
        return engine;
    }

    /** Puts TLS between a connected socket and its owner; the handshake is the next thing to do. */
    TlsTransport over(Transport plain, EventLoop loop, SSLEngine engine, Transport.Events events) {
        return TlsTransport.over(plain, loop, engine, events, executor);
    }

    /** A handshake has succeeded. */
    void onSecured(ServerAddress address) {
        if (provedName == null && !isIp(address.host())) {
            provedName = address.host();
        }
    }

    /** Servers tell of each other by bare addresses, for which certificates are seldom made: they go by the name of the cluster. */
    String nameOf(ServerAddress address) {
        String host = address.host();
        return provedName != null && isIp(host) && !configuredHosts.contains(host) ? provedName : host;
    }

    private static boolean isIp(String host) {
        return host.contains(":") || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }
}
