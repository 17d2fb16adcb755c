package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.support.NetworkNamespaces.Link;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("namespaces")
@NoLeaks
class NetworkNamespacesIT {
    private static final Duration LONG = Duration.ofSeconds(10);

    @AfterEach
    void everythingOfThisProcessIsRemoved() {
        assertThat(namesOf(ProcessHandle.current().pid())).isEmpty();
    }

    @Test
    void aServerIsReachedFromOutsideUntilItsLinkIsCutAndAgainWhenItIsHealed() {
        try (NetworkNamespaces hosts = NetworkNamespaces.create(2);
                NatsServer server = NatsServer.start(NatsServerConfig.builder()
                        .place(hosts.place(1))
                        .extra("ping_interval: \"10s\"")
                        .build());
                RawNats client = RawNats.connect(server.url(), message -> {})) {
            client.ping();
            assertThat(server.url()).contains(hosts.place(1).address());

            hosts.cut(Link.CLIENTS, 1);
            assertThat(hosts.isUp(Link.CLIENTS, 1)).isFalse();
            assertThat(hosts.isUp(Link.PEERS, 1)).isTrue();
            client.publish("into.the.void", new byte[0]);
            client.flush();
            hosts.heal(Link.CLIENTS, 1);

            client.ping();
            assertThat(server.monitoring("/varz").path("in_msgs").asInt())
                    .as("TCP has sent it again")
                    .isEqualTo(1);
        }
    }

    @Test
    void whatAKilledRunHasLeftBehindIsRemoved() throws IOException, InterruptedException {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        NetworkNamespaces abandoned = NetworkNamespaces.create(1, dead.pid());
        List<String> command = Stream.concat(abandoned.place(0).command().stream(), Stream.of("sleep", "600"))
                .toList();
        Process inside = new ProcessBuilder(command).start();
        Await.until(
                "it to run in there",
                LONG,
                () -> ExternalProcess.run(LONG, List.of("ip", "netns", "pids", "mallard-" + dead.pid() + "-0"))
                        .contains(Long.toString(inside.pid())));
        assertThat(namesOf(dead.pid())).hasSize(5);

        NetworkNamespaces.create(1).close();

        assertThat(namesOf(dead.pid())).isEmpty();
        assertThat(inside.waitFor()).as("killed").isNotZero();
    }

    /** The links and namespaces of a process. */
    private static List<String> namesOf(long pid) {
        String namespaces = ExternalProcess.run(LONG, List.of("ip", "netns", "list"));
        String[] links = new File("/sys/class/net").list();
        assertThat(links).isNotNull();
        return Stream.concat(namespaces.lines().map(line -> line.split(" ", 2)[0]), Arrays.stream(links))
                .filter(name -> name.startsWith("mallard-" + pid + "-") || name.matches("mld" + pid + "[cp]\\d*"))
                .toList();
    }
}
