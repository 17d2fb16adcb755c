package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.HandoverReport;
import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Authorization.User;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Permissions;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A responder that may publish nothing but answers, each through the connection the request came by, leaves its server.
 */
@NoLeaks
class ResponsePermissionIT {
    private static final User RESPONDER =
            new User("responder", "s3cret", Permissions.all().allowResponses());
    private static final User JUDGE = new User("judge", "s3cret");
    private static final String INBOX = "_INBOX.judge.";

    @RegisterExtension
    final Clients clients = new Clients();

    private final AtomicInteger answersAfterTheMove = new AtomicInteger();

    @Test
    void answersEachRequestOnce() {
        try (Scenario scenario = scenario()) {
            HandoverReport report =
                    leaveWhileAnswering(scenario, (responder, message) -> message.respond(message.payload()));

            scenario.history.assertExact(Scenario.LATEST);
            assertThat(report.isExact()).as("%s", report).isTrue();
            assertThat(report.fenceNs()).as("it may not even publish a fence").isNegative();
            assertThat(answersAfterTheMove)
                    .as("the fault: answers when everything else went to the other server")
                    .hasPositiveValue();
            assertThat(scenario.events.of(Kind.ERROR)).isEmpty();
        }
    }

    /** The control of the test above. */
    @Test
    void whoPublishesAnswersInsteadIsRefusedWhereTheRequestDidNotComeBy() {
        try (Scenario scenario = scenario()) {
            leaveWhileAnswering(
                    scenario,
                    (responder, message) ->
                            responder.publish(Objects.requireNonNull(message.reply()), message.payload()));

            assertThat(scenario.events.of(Kind.ERROR))
                    .isNotEmpty()
                    .allSatisfy(event -> assertThat(event.cause())
                            .hasMessageContaining(scenario.cluster.urls().get(1))
                            .hasMessageContaining("Permissions Violation for Publish to \"" + INBOX));
            assertThat(scenario.history.count(History.Kind.LOST)).isPositive();
        }
    }

    private Scenario scenario() {
        NatsServerConfig template = NatsServerConfig.builder()
                .lameDuckGrace(Duration.ofSeconds(8))
                .users(RESPONDER, JUDGE)
                .extra("no_auth_user: " + JUDGE.name())
                .build();
        return new Scenario(clients, NatsCluster.start(3, template));
    }

    private HandoverReport leaveWhileAnswering(Scenario scenario, BiConsumer<NatsClient, NatsMessage> answering) {
        Publisher requester = scenario.history.publisher("requester");
        Receiver executions = scenario.history.receiver("responder", requester);
        Receiver answers = scenario.history.group("answers", requester);
        // For 0.7 s, with this seed, requests come through one server while everything else goes to the other one.
        NatsClient responder = scenario.connect(scenario.options()
                .user(RESPONDER.name(), RESPONDER.password())
                .seed(0)
                .handoverJitter(Duration.ofSeconds(1)));
        String left = scenario.cluster.urls().get(0);
        responder.subscribe("s", message -> {
            boolean moved = responder.isInLameDuckMode()
                    && !responder.connectedUrl().orElse(left).equals(left);
            scenario.to(executions).onMessage(message);
            if (message.reply() != null) {
                answering.accept(responder, message);
                answersAfterTheMove.addAndGet(moved ? 1 : 0);
            }
        });
        RawNats asking = scenario.receive(2, INBOX + "*", answers);
        scenario.awaitInterest(asking, "s", 1);
        try (Load load = Load.start(1, 200, number -> {
            asking.publish("s", INBOX + number, requester.next());
            asking.flush();
        })) {
            load.awaitMore(50);

            HandoverReport report = scenario.leave(0, responder);

            load.awaitMore(50);
            scenario.finish(load, executions, answers);
            return report;
        }
    }
}
