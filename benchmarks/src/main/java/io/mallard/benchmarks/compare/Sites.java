package io.mallard.benchmarks.compare;

import io.mallard.benchmarks.compare.Site.Trust;
import io.mallard.it.support.Certificates;
import io.mallard.it.support.Directories;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a comparison, all of one version, and either all with TLS or all without.
 *
 * <p>Threading: used by one thread.
 */
final class Sites implements AutoCloseable {
    private static final String AUTHORITY = "authority";
    private static final String SERVER = "server";

    private final NatsServerConfig config;
    private final @Nullable Path directory;
    private final @Nullable Trust trust;

    private Sites(NatsServerConfig config, @Nullable Path directory, @Nullable Trust trust) {
        this.config = config;
        this.directory = directory;
        this.trust = trust;
    }

    static Sites inTheClear(String serverVersion) {
        return new Sites(config(serverVersion).build(), null, null);
    }

    /** With certificates made for the occasion. */
    static Sites overTls(String serverVersion) {
        try {
            Path directory = Files.createTempDirectory("mallard-certificates-");
            Certificates certificates =
                    new Certificates(directory).authority(AUTHORITY).issue(SERVER, AUTHORITY, "ip:127.0.0.1");
            Trust trust = new Trust(certificates.trust(AUTHORITY), Certificates.PASSWORD, certificates.pem(AUTHORITY));
            return new Sites(
                    config(serverVersion).tls(certificates.server(SERVER)).build(), directory, trust);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no certificates", e);
        }
    }

    private static NatsServerConfig.Builder config(String serverVersion) {
        NatsServerConfig.Builder builder = NatsServerConfig.builder();
        return serverVersion.isEmpty() ? builder : builder.version(serverVersion);
    }

    NatsServer start() {
        return NatsServer.start(config);
    }

    /** How clients find one of them. */
    Site of(NatsServer server) {
        return new Site(trust == null ? server.url() : server.url().replaceFirst("^nats:", "tls:"), trust);
    }

    /** Deletes the certificates. */
    @Override
    public void close() {
        if (directory == null) {
            return;
        }
        try {
            Directories.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
