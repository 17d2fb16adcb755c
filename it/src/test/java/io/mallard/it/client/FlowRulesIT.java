package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsMessage;
import io.mallard.Subscription;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.opentest4j.TestAbortedException;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.SkipException;

/** The verification of Reactive Streams for publishers, of messages that raw sockets publish through a real server. */
@NoLeaks
class FlowRulesIT {
    /** A publisher without an end: more than any of the tests takes. */
    private static final long AT_MOST = 20_000;

    /** As many as there are in the version that the build takes. */
    private static final int REQUIRED = 22;

    @RegisterExtension
    final Clients clients = new Clients();

    private final AtomicInteger subjects = new AtomicInteger();
    private NatsServer server;
    private NatsClient client;
    private RawNats peer;

    @BeforeEach
    void start() {
        server = NatsServer.startDefault();
        client = clients.connect(server.url());
        peer = RawNats.connect(server.url(), message -> {});
    }

    @AfterEach
    void close() {
        client.close();
        peer.close();
        server.close();
    }

    /** Gives each subscriber that many messages, and as many as it wants if there is no end. */
    private Flow.Publisher<NatsMessage> publisher(long messages) {
        String subject = "rules." + subjects.incrementAndGet();
        Flow.Publisher<NatsMessage> publisher = client.publisher(subject);
        return subscriber -> {
            publisher.subscribe(new Limited(subscriber, messages));
            client.flush(Eventually.LONG);
            for (long i = 0; i < Math.min(messages, AT_MOST); i++) {
                peer.publish(subject, Numbers.payload(i));
            }
            peer.ping();
        };
    }

    /** Passes all on, and limits its subscription. */
    private record Limited(Flow.Subscriber<? super NatsMessage> to, long messages)
            implements Flow.Subscriber<NatsMessage> {
        Limited {
            Objects.requireNonNull(to);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            if (messages > 0) {
                ((Subscription) subscription).unsubscribe(messages);
            }
            to.onSubscribe(subscription);
            if (messages == 0) {
                ((Subscription) subscription).unsubscribe();
            }
        }

        @Override
        public void onNext(NatsMessage message) {
            to.onNext(message);
        }

        @Override
        public void onError(Throwable failure) {
            to.onError(failure);
        }

        @Override
        public void onComplete() {
            to.onComplete();
        }
    }

    private static final class Verification<T> extends FlowPublisherVerification<T> {
        private final Function<Long, Flow.Publisher<T>> publishers;
        private final Flow.Publisher<T> failed;

        Verification(Function<Long, Flow.Publisher<T>> publishers, Flow.Publisher<T> failed) {
            super(new TestEnvironment(1_000, 100));
            this.publishers = publishers;
            this.failed = failed;
        }

        @Override
        public Flow.Publisher<T> createFlowPublisher(long elements) {
            return publishers.apply(elements);
        }

        @Override
        public Flow.Publisher<T> createFailedFlowPublisher() {
            return failed;
        }
    }

    @TestFactory
    List<DynamicTest> aPublisherKeepsTheRules() {
        NatsClient closed = clients.connect(server.url());
        closed.close();
        List<DynamicTest> tests = tests(new Verification<>(this::publisher, closed.publisher("rules.closed")));
        assertThat(tests.stream().filter(test -> test.getDisplayName().startsWith("required_")))
                .hasSize(REQUIRED);
        return tests;
    }

    private static List<Method> rules() {
        return Arrays.stream(FlowPublisherVerification.class.getMethods())
                .filter(method -> method.getName().matches("(required|optional|stochastic)_.*"))
                .toList();
    }

    private static List<DynamicTest> tests(Verification<?> verification) {
        return rules().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.getName(), () -> verify(verification, rule)))
                .toList();
    }

    private static void verify(Verification<?> verification, Method rule) throws Throwable {
        verification.setUp();
        try {
            rule.invoke(verification);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SkipException skipped && !rule.getName().startsWith("required_")) {
                throw new TestAbortedException(
                        skipped.getMessage()); // What nobody can verify, or a publisher may leave out.
            }
            throw e.getCause();
        }
    }

    /** The control: one that hands over what nobody has requested is found out. */
    @Test
    void aPublisherThatDoesNotWaitForRequestsIsFoundOut() throws Exception {
        Function<Long, Flow.Publisher<Integer>> hasty = elements -> subscriber -> {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long messages) {}

                @Override
                public void cancel() {}
            });
            for (int i = 0; i < Math.min(elements, 10); i++) {
                subscriber.onNext(i);
            }
            subscriber.onComplete();
        };
        Verification<Integer> verification = new Verification<>(hasty, null);
        Method rule = FlowPublisherVerification.class.getMethod(
                "required_spec101_subscriptionRequestMustResultInTheCorrectNumberOfProducedElements");

        assertThatThrownBy(() -> verify(verification, rule)).isInstanceOf(AssertionError.class);
    }
}
