package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The control of all scenarios: a client without a handover is found losing by the same judge. */
@NoLeaks
class JnatsHistoryIT {
    @RegisterExtension
    final Clients clients = new Clients();

    @Test
    void aClientThatWaitsToBeEvictedIsFoundLosing() throws IOException, InterruptedException, TimeoutException {
        NatsServerConfig template =
                NatsServerConfig.builder().lameDuckGrace(Duration.ofMillis(500)).build();
        try (Scenario scenario = new Scenario(clients, NatsCluster.start(3, template))) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("jnats", publisher);
            Options options = new Options.Builder()
                    .servers(scenario.cluster.urls().toArray(String[]::new))
                    .noRandomize()
                    .build();
            Connection jnats = Nats.connect(options);
            try {
                Dispatcher dispatcher = jnats.createDispatcher(message -> scenario.take(receiver, message.getData()));
                dispatcher.subscribe("h");
                jnats.flush(Scenario.TIMEOUT);
                RawNats far = scenario.socket(2, message -> {});
                scenario.awaitInterest(far, "h", 1);
                Load load = scenario.publish(far, "h", publisher, 2_000);
                load.awaitMore(200);
                String before = jnats.getConnectedUrl();

                scenario.lameDuck(0);

                Eventually.eventually(
                        "jnats to be elsewhere",
                        () -> jnats.getStatus() == Connection.Status.CONNECTED
                                && !before.equals(jnats.getConnectedUrl()));
                jnats.flush(Scenario.TIMEOUT);
                load.awaitMore(2_000);
                scenario.finish(load, receiver);
                assertThat(scenario.history.verdict(Scenario.LATEST)).anySatisfy(finding -> {
                    assertThat(finding.kind()).isEqualTo(History.Kind.LOST);
                    assertThat(finding.text()).contains("lame duck of node 0");
                });
            } finally {
                jnats.close();
            }
        }
    }
}
