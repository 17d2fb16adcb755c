package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerImageTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final RequestedVersion ANY = RequestedVersion.ANY;

    @TempDir
    private Path directory;

    private ServerCache cache;

    @BeforeEach
    void makeCache() {
        cache = new ServerCache(directory.resolve("cache"));
    }

    @Test
    void takesTheServerOutOfTheRootOfAnImage() throws IOException {
        try (ScriptedEngine engine = new ScriptedEngine(true, "/nats-server", server("2.12.3"))) {
            ServerSource.Finding finding = source("nats", engine::connect, LONG).look(ANY);

            Path place = directory.resolve("cache/2.12.3/nats-server");
            assertThat(finding)
                    .isEqualTo(new ServerSource.Found(
                            new NatsServerBinary(place, new ServerVersion("2.12.3"), "image nats:latest")));
            assertThat(place).isExecutable();
            assertThat(directory.resolve("cache/.download")).doesNotExist();
            assertThat(engine.requests()).doesNotContain("POST /images/create").endsWith("DELETE /containers/c1");
            assertThat(cache.look(ANY)).isInstanceOf(ServerSource.Found.class);
        }
    }

    @Test
    void pullsAnImageThatIsNotThereAndLooksOnItsPath() throws IOException {
        try (ScriptedEngine engine = new ScriptedEngine(false, "/usr/sbin/nats-server", server("2.10.29"))) {
            ServerSource.Finding finding = source("nats", engine::connect, LONG).look(new RequestedVersion("2.10"));

            assertThat(finding).isInstanceOf(ServerSource.Found.class);
            assertThat(engine.requests())
                    .containsSubsequence(
                            "GET /images/nats:2.10/json",
                            "POST /images/create",
                            "POST /containers/create",
                            "GET /containers/c1/archive",
                            "GET /containers/c1/archive",
                            "GET /containers/c1/archive",
                            "DELETE /containers/c1");
        }
    }

    @Test
    void passesOverAnImageWithoutAServerAndRemovesTheContainer() throws IOException {
        try (ScriptedEngine engine = new ScriptedEngine(true, "/elsewhere/nats-server", server("2.12.3"))) {
            ServerSource.Finding finding = source("nats", engine::connect, LONG).look(ANY);

            assertThat(finding)
                    .isEqualTo(new ServerSource.Missing(
                            "image nats:latest: has no nats-server in any of [, /opt/bin, /usr/sbin]"));
            assertThat(engine.requests()).endsWith("DELETE /containers/c1");
        }
    }

    @Test
    void passesOverAnImageOfAnotherVersion() throws IOException {
        try (ScriptedEngine engine = new ScriptedEngine(true, "/nats-server", server("2.9.25"))) {
            ServerSource.Finding finding =
                    source("local/nats:mine", engine::connect, LONG).look(new RequestedVersion("2.10"));

            assertThat(finding).isEqualTo(new ServerSource.Missing("image local/nats:mine: has 2.9.25"));
        }
    }

    @Test
    void passesOverAMachineWithoutAnEngine() {
        ServerSource.Finding finding = source(
                        "nats",
                        () -> {
                            throw new NatsServerException("no Docker engine\nwith details");
                        },
                        LONG)
                .look(ANY);

        assertThat(finding).isEqualTo(new ServerSource.Missing("image nats:latest: no Docker engine"));
        assertThat(directory.resolve("cache")).doesNotExist();
    }

    @Test
    void waitsForAnEngineThatHangsOnlySoLong() {
        CountDownLatch interrupted = new CountDownLatch(1);
        ServerSource.Finding finding = source(
                        "nats",
                        () -> {
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                            throw new AssertionError("unreachable");
                        },
                        Duration.ofMillis(200))
                .look(ANY);

        assertThat(finding)
                .isEqualTo(new ServerSource.Missing(
                        "image nats:latest: the search for a Docker engine did not end within 200 ms"));
        Await.until("the search to be told to end", LONG, () -> interrupted.getCount() == 0);
    }

    @Test
    void tagsTheImageWithTheVersionUnlessItIsTagged() {
        assertThat(name("nats", "2.10")).isEqualTo("nats:2.10");
        assertThat(name("nats", "")).isEqualTo("nats:latest");
        assertThat(name("nats", "newest")).isEqualTo("nats:latest");
        assertThat(name("localhost:5000/nats", "2.9")).isEqualTo("localhost:5000/nats:2.9");
        assertThat(name("localhost:5000/nats:mine", "2.9")).isEqualTo("localhost:5000/nats:mine");
        assertThat(name("nats@sha256:1234", "2.9")).isEqualTo("nats@sha256:1234");
    }

    private String name(String image, String version) {
        return source(image, () -> null, LONG).nameFor(new RequestedVersion(version));
    }

    private ContainerImage source(String image, ContainerEngine.Search search, Duration searchTimeout) {
        return new ContainerImage(cache, image, search, searchTimeout);
    }

    /** What knows its version and nothing else. */
    private static String server(String version) {
        return "#!/bin/sh\necho nats-server: v" + version + "\n";
    }
}
