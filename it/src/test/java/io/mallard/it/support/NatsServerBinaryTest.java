package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NatsServerBinaryTest {
    private static final ServerSource NO_DEBIAN = requested -> new ServerSource.Missing("Debian sid: no network");

    @TempDir
    private Path directory;

    @Test
    void prefersTheExplicitPathOverThePathOverTheCache() throws IOException {
        Path explicit = server("explicit", "2.11.1");
        Path onPath = server("bin", "2.11.2");
        Path cached = cached("2.11.3");

        assertThat(find("", new ExplicitPath(explicit.toString(), null), path("bin"))
                        .executable())
                .isEqualTo(explicit);
        assertThat(find("", new ExplicitPath("", null), path("bin")).executable())
                .isEqualTo(onPath);
        assertThat(find("", new ExplicitPath("", null), path("nothing")).executable())
                .isEqualTo(cached);
    }

    @Test
    void prefersThePropertyOverTheEnvironment() throws IOException {
        Path property = server("property", "2.11.1");
        Path variable = server("variable", "2.11.1");

        assertThat(find("", new ExplicitPath(property.toString(), variable.toString()))
                        .executable())
                .isEqualTo(property);
        assertThat(find("", new ExplicitPath("", variable.toString())).executable())
                .isEqualTo(variable);
    }

    @Test
    void passesOverServersOfAnotherVersion() throws IOException {
        Path explicit = server("explicit", "2.9.10");
        server("bin", "2.10.27");
        Path cached = cached("2.1.9");

        assertThat(find("2.1", new ExplicitPath(explicit.toString(), null), path("bin"))
                        .executable())
                .isEqualTo(cached);
    }

    @Test
    void takesTheNewestOfTheCache() throws IOException {
        cached("2.9.10");
        Path newest = cached("2.10.27");
        cached("2.10.3");

        assertThat(find("").executable()).isEqualTo(newest);
        assertThat(find("2.10").executable()).isEqualTo(newest);
    }

    @Test
    void takesForNewestOnlyWhatIsNewerThanTheSuitesThatStandStill() throws IOException {
        server("bin", "2.11.0");
        cached("2.10.27");
        assertThatThrownBy(() -> find("newest", path("bin"))).hasMessageContaining("no nats-server newest found");

        Path newest = cached("2.15.1");
        assertThat(find("newest", path("bin")).executable()).isEqualTo(newest);
    }

    @Test
    void namesEveryWayTriedAndHowToProvideAServer() throws IOException {
        server("bin", "2.9.10");
        cached("2.10.27");

        assertThatThrownBy(() -> find("2.12", new ExplicitPath("", ""), path("bin")))
                .isInstanceOf(NatsServerException.class)
                .hasMessageContaining("no nats-server 2.12 found")
                .hasMessageContaining("nats.server.path and NATS_SERVER_PATH: not set")
                .hasMessageContaining("nats-server: passed over, it is 2.9.10")
                .hasMessageContaining("has [2.10.27]")
                .hasMessageContaining("Debian sid: no network")
                .hasMessageContaining("Provide one: -Dnats.server.path=<file> or NATS_SERVER_PATH=<file>");
    }

    @Test
    void asksAContainerEngineBeforeDebianAndNamesIt() throws IOException {
        ServerCache cache = new ServerCache(directory.resolve("cache"));
        ContainerImage image = new ContainerImage(
                cache,
                "nats",
                () -> {
                    throw new NatsServerException("no Docker engine");
                },
                Duration.ofSeconds(10));
        assertThatThrownBy(() -> NatsServerBinary.find(
                        new RequestedVersion("2.12"), List.of(path("nothing"), cache, image, NO_DEBIAN)))
                .hasMessageContainingAll(
                        "PATH: no nats-server",
                        "cache " + cache.root(),
                        "image nats:2.12: no Docker engine",
                        "Debian sid: no network",
                        "-Dnats.server.image=<image>");
    }

    @Test
    void refusesAnExplicitPathThatIsNoExecutable() {
        assertThatThrownBy(() -> find("", new ExplicitPath("/nowhere/nats-server", null)))
                .isInstanceOf(NatsServerException.class)
                .hasMessageContaining("/nowhere/nats-server");
    }

    @Test
    void choosesTheSuiteOfTheGeneration() {
        assertThat(DebianSuite.of(new RequestedVersion("2.9"))).isEqualTo(DebianSuite.BOOKWORM);
        assertThat(DebianSuite.of(new RequestedVersion("2.9.10"))).isEqualTo(DebianSuite.BOOKWORM);
        assertThat(DebianSuite.of(new RequestedVersion("2.10"))).isEqualTo(DebianSuite.TRIXIE);
        assertThat(DebianSuite.of(new RequestedVersion("2.1"))).isEqualTo(DebianSuite.SID);
        assertThat(DebianSuite.of(new RequestedVersion("newest"))).isEqualTo(DebianSuite.SID);
        assertThat(DebianSuite.of(new RequestedVersion(""))).isEqualTo(DebianSuite.SID);
    }

    @Test
    void reportsACommandThatHangsOrFailsWithWhatItPrinted() {
        assertThatThrownBy(() ->
                        ExternalProcess.run(Duration.ofMillis(200), List.of("sh", "-c", "echo asking; exec sleep 60")))
                .hasMessageContaining("did not end")
                .hasMessageContaining("asking");
        assertThatThrownBy(() ->
                        ExternalProcess.run(Duration.ofSeconds(10), List.of("sh", "-c", "echo broken >&2; exit 3")))
                .hasMessageContaining("exited with 3")
                .hasMessageContaining("broken");
    }

    private NatsServerBinary find(String version, ServerSource... first) {
        List<ServerSource> sources = new ArrayList<>(List.of(first));
        sources.add(new ServerCache(directory.resolve("cache")));
        sources.add(NO_DEBIAN);
        return NatsServerBinary.find(new RequestedVersion(version), sources);
    }

    private SearchPath path(String name) {
        return new SearchPath("/nonexistent" + File.pathSeparator + directory.resolve(name));
    }

    private Path cached(String version) throws IOException {
        return server("cache/" + version, version);
    }

    /** An executable that knows its version and nothing else. */
    private Path server(String name, String version) throws IOException {
        Path executable = Files.createDirectories(directory.resolve(name)).resolve("nats-server");
        Files.writeString(executable, "#!/bin/sh\necho nats-server: v" + version + "\n");
        return Files.setPosixFilePermissions(executable, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
