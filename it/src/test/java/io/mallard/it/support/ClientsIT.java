package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@NoLeaks
class ClientsIT {
    private final Clients clients = new Clients();

    @Test
    void isContentWithAClosedClientAndACompletedFuture() {
        try (ScriptedServer server = ScriptedServer.start(Step.serve());
                NatsClient client = clients.connect(server.url())) {
            assertThat(clients.track(CompletableFuture.completedFuture(client))).isDone();
        }

        assertThat(clients.leaks()).isEmpty();
    }

    @Test
    void namesAClientLeftOpenAndClosesIt() {
        try (ScriptedServer server = ScriptedServer.start(Step.serve())) {
            clients.connect(server.url());

            assertThat(clients.leaks()).singleElement().asString().contains("not closed", server.url());
            assertThat(clients.leaks()).isEmpty();
        }
    }

    @Test
    void namesAFutureLeftIncomplete() {
        assertThat(clients.track(new CompletableFuture<>())).isNotDone();

        assertThat(clients.leaks()).singleElement().asString().contains("1 futures");
    }
}
