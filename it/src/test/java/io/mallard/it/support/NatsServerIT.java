package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@NoLeaks
class NatsServerIT {
    private static final Duration LONG = Duration.ofSeconds(10);

    @Test
    void comesBackOnItsPortsAfterBeingKilled() {
        try (NatsServer server = NatsServer.startDefault()) {
            String url = server.url();
            long pid = server.pid();

            server.kill();
            server.awaitExit(LONG);
            assertThat(server.isAlive()).isFalse();
            server.start();

            assertThat(server.url()).isEqualTo(url);
            assertThat(server.pid()).isNotEqualTo(pid);
            assertThat(server.monitoring("/varz").path("server_name").asText()).isEqualTo("n1");
        }
    }

    @Test
    void endsTheProcessAndDeletesTheDirectoryOnClose() {
        NatsServer server = NatsServer.startDefault();
        long pid = server.pid();
        Path directory = server.directory();

        server.close();

        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(directory).doesNotExist();
        assertThatThrownBy(server::start).hasMessageContaining("closed");
    }

    @Test
    void keepsTheDirectoryWhenTold() throws Exception {
        NatsServer server =
                NatsServer.start(NatsServerConfig.builder().keepDirectory(true).build());
        server.close();

        assertThat(server.directory().resolve("server.log")).isNotEmptyFile();
        Directories.deleteIfExists(server.directory());
    }

    @Test
    void endsAServerThatIgnoresSigterm() {
        NatsServer server = NatsServer.startDefault();
        long pid = server.pid();
        try (RawNats client = RawNats.connect(server.url(), message -> {})) {
            server.lameDuck();
            client.awaitLameDuck(LONG);
            server.close();
        }
        assertThat(ProcessHandle.of(pid)).isEmpty();
    }

    @Test
    void saysWhatTheServerLoggedWhenItDoesNotStart() {
        NatsServerConfig broken =
                NatsServerConfig.builder().extra("no_such_option: 1").build();

        assertThatThrownBy(() -> NatsServer.start(broken))
                .isInstanceOf(NatsServerException.class)
                .hasMessageContaining("n1 exited")
                .hasMessageContaining("no_such_option");
    }

    @Test
    void admitsOnlyWhoKnowsThePassword() {
        try (NatsServer server = NatsServer.start(
                NatsServerConfig.builder().user("duck", "s3cret").build())) {
            RawNats.connect(server.url(), "duck", "s3cret", message -> {}).close();

            assertThatThrownBy(() -> RawNats.connect(server.url(), "duck", "wrong", message -> {}))
                    .hasMessageContaining("Authorization Violation");
        }
    }

    @Test
    void surfacesThatNobodyAnswersARequest() throws InterruptedException {
        BlockingQueue<RawMessage> received = new LinkedBlockingQueue<>();
        try (NatsServer server = NatsServer.startDefault();
                RawNats client = RawNats.connect(server.url(), received::add)) {
            client.subscribe("inbox", 1);
            client.publish("nobody.there", "inbox", new byte[0]);
            client.flush();

            RawMessage message = received.poll(5, TimeUnit.SECONDS);
            assertThat(message.status()).isEqualTo(503);
            assertThat(message.payload()).isEmpty();
        }
    }

    @Test
    void failsWithTheEndOfTheLogWhenALineNeverComes() {
        try (NatsServer server = NatsServer.startDefault()) {
            assertThatThrownBy(() -> server.awaitLog("never logged", Duration.ofMillis(50)))
                    .hasMessageContaining("never logged")
                    .hasMessageContaining("Server is ready");
        }
    }
}
