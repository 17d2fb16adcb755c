package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@NoLeaks
class TcpProxyIT {
    private static final Duration LONG = Duration.ofSeconds(10);

    @Test
    void resetsTheConnectionOfAClientWhoMayComeBack() throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        RawListener listener = new RawListener() {
            @Override
            public void onMessage(RawMessage message) {}

            @Override
            public void onClosed(String reason) {
                end.complete(reason);
            }
        };
        try (NatsServer server = NatsServer.startDefault();
                TcpProxy proxy = TcpProxy.start(server.port());
                RawNats client = RawNats.connect(proxy.url(), listener)) {
            client.ping();

            assertThat(proxy.reset()).isEqualTo(1);

            assertThat(end.get(LONG.toMillis(), TimeUnit.MILLISECONDS)).contains("Connection reset");
            Await.until(
                    "the server to have noticed",
                    LONG,
                    () -> server.monitoring("/connz").path("num_connections").asInt() == 0);
            try (RawNats again = RawNats.connect(proxy.url(), message -> {})) {
                again.ping();
            }
        }
    }
}
