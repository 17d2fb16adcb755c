package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is written in Kotlin does what it says. */
@NoLeaks
class KotlinIT {
    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void whatIsWrittenInKotlinAsksAnswersAndTakes() throws Exception {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RawNats one = Peers.responder(server, "kotlin.echo");
                RawNats other = Peers.responder(server, "kotlin.echo")) {
            assertThat(one.isClosed() || other.isClosed()).isFalse();
            assertThat(KotlinUser.askItself(server.url())).isEqualTo("hello anna");
            assertThat(KotlinUser.take(client, "kotlin.numbers")).containsExactly("0/0/0", "1/1/0", "2/2/0");
            assertThat(KotlinUser.askLater(client, "kotlin.echo").get(10, TimeUnit.SECONDS))
                    .isEqualTo("bert");
            assertThat(KotlinUser.askMany(client, "kotlin.echo")).containsExactly("", "");
        }
    }
}
