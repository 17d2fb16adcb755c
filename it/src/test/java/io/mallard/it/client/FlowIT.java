package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.PendingPolicy;
import io.mallard.Subscription;
import io.mallard.it.client.Events.Kind;
import io.mallard.it.judge.History;
import io.mallard.it.judge.History.Publisher;
import io.mallard.it.judge.History.Receiver;
import io.mallard.it.support.Authorization.User;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Permissions;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscribers that request what raw sockets have published, slowly, a part of it, or all. */
@NoLeaks
class FlowIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final User DUCK =
            new User("duck", "s3cret", Permissions.all().denySubscribe("land.>"));

    private static NatsServer server;

    @RegisterExtension
    final Clients clients = new Clients();

    private final Events events = new Events();

    @BeforeAll
    static void startServer() {
        server = NatsServer.startDefault();
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    /** Requests so many at the beginning; keeps account of what it has requested and of what it is handed. */
    private static class Recorder implements Flow.Subscriber<NatsMessage> {
        final Numbers numbers = new Numbers();
        final CompletableFuture<Throwable> end = new CompletableFuture<>();
        final AtomicInteger beyond = new AtomicInteger();
        final AtomicInteger twiceAtATime = new AtomicInteger();
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicLong requested = new AtomicLong();
        private final AtomicLong handed = new AtomicLong();
        private final long first;
        volatile Flow.Subscription subscription;

        Recorder(long first) {
            this.first = first;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            request(first);
        }

        void request(long messages) {
            if (messages > 0) {
                requested.addAndGet(messages);
                subscription.request(messages);
            }
        }

        @Override
        public void onNext(NatsMessage message) {
            if (inside.incrementAndGet() > 1 || end.isDone()) {
                twiceAtATime.incrementAndGet();
            }
            if (handed.incrementAndGet() > requested.get()) {
                beyond.incrementAndGet();
            }
            take(message);
            inside.decrementAndGet();
        }

        void take(NatsMessage message) {
            numbers.add(message.payload());
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(failure);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }

        Subscription own() {
            return (Subscription) subscription;
        }

        Throwable awaitEnd() throws Exception {
            return end.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private NatsClient connect() {
        return clients.connect(NatsOptions.builder().servers(server.url()).listener(events));
    }

    private static void publish(RawNats peer, String subject, long first, long last) {
        LongStream.rangeClosed(first, last).forEach(i -> peer.publish(subject, Numbers.payload(i)));
        peer.ping();
    }

    private static RawNats peer() {
        return RawNats.connect(server.url(), message -> {});
    }

    private static List<Long> numbers(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 16, Long.MAX_VALUE})
    void aHandoverLosesNothingAndRepeatsNothingHoweverFewAreRequested(long atATime) throws Exception {
        try (Scenario scenario = new Scenario(clients, 3)) {
            Publisher publisher = scenario.history.publisher("far");
            Receiver receiver = scenario.history.receiver("subscriber", publisher);
            NatsClient moving = scenario.connect();
            AtomicLong inBatch = new AtomicLong();
            Recorder slow = new Recorder(atATime) {
                @Override
                void take(NatsMessage message) {
                    scenario.take(receiver, message.payload());
                    if (inBatch.incrementAndGet() % atATime == 0) {
                        request(atATime);
                    }
                }
            };
            moving.publisher("f").subscribe(slow);
            RawNats far = scenario.socket(2, message -> {});
            scenario.awaitInterest(far, "f", 1);
            Load load = scenario.publish(far, "f", publisher, 2_000);
            load.awaitMore(500);

            assertThat(scenario.leave(0, moving).duplicatesDropped())
                    .as("the fault: both servers delivered")
                    .isPositive();

            load.awaitMore(500);
            scenario.finish(load, receiver);
            scenario.history.assertExact(Scenario.LATEST);
            assertThat(slow.beyond).as("handed over beyond demand").hasValue(0);
            assertThat(slow.twiceAtATime).hasValue(0);
            CompletableFuture<Void> drained = slow.own().drain(TIMEOUT);
            drained.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            assertThat(slow.end).as("told before the drain is over").isCompletedWithValue(null);
        }
    }

    /** The control: the judge sees a subscriber that forgets one message and takes another one twice. */
    @Test
    void theJudgeSeesWhatASubscriberForgetsAndRepeats() {
        try (NatsClient client = connect();
                RawNats peer = peer()) {
            History history = new History();
            Publisher publisher = history.publisher("peer");
            Receiver receiver = history.receiver("forgetful", publisher);
            AtomicInteger count = new AtomicInteger();
            Recorder forgetful = new Recorder(Long.MAX_VALUE) {
                @Override
                void take(NatsMessage message) {
                    int times = count.incrementAndGet() == 10 ? 0 : count.get() == 20 ? 2 : 1;
                    for (int i = 0; i < times; i++) {
                        receiver.received(message.payload());
                    }
                }
            };
            client.publisher("f").subscribe(forgetful);
            client.flush(TIMEOUT);
            for (int i = 0; i < 100; i++) {
                peer.publish("f", publisher.next());
            }
            peer.ping();
            Eventually.eventually("all of them", () -> count.get() == 100);

            assertThat(history.count(History.Kind.LOST)).isEqualTo(1);
            assertThat(history.count(History.Kind.DUPLICATED)).isEqualTo(1);
        }
    }

    @Test
    void withoutDemandNoThreadWaitsAndWhatIsBeyondTheLimitsIsDroppedAndCounted() {
        try (NatsClient client = connect();
                RawNats peer = peer()) {
            Recorder idle = new Recorder(0);
            client.publisher("f", null, new PendingOptions(10, 1 << 20, PendingPolicy.DROP_NEW))
                    .subscribe(idle);
            client.flush(TIMEOUT);
            publish(peer, "f", 1, 25);
            client.flush(TIMEOUT);

            events.await(Kind.SLOW_CONSUMER);
            assertThat(idle.numbers.count()).isZero();
            assertThat(idle.own().pendingMessages()).isEqualTo(10);
            assertThat(idle.own().droppedMessages()).isEqualTo(15);
            assertThat(client.metrics().messagesDropped()).isEqualTo(15);
            assertThat(Thread.getAllStackTraces().values())
                    .as("no thread is in the mailbox")
                    .noneMatch(stack -> List.of(stack).stream()
                            .anyMatch(frame -> frame.getClassName().endsWith(".Mailbox")));
            idle.request(3);
            Eventually.eventually("what was requested", () -> idle.numbers.count() == 3);
            idle.request(Long.MAX_VALUE);
            Eventually.eventually("the rest", () -> idle.numbers.count() == 10);
            assertThat(idle.numbers.received()).isEqualTo(numbers(1, 10));
            publish(peer, "f", 26, 26);
            Eventually.eventually("one more", () -> idle.numbers.has(26));
            idle.subscription.cancel();
        }
    }

    @Test
    void whoeverCancelsUnderLoadIsHandedNothingMoreAndTheServerKnows() {
        try (NatsClient client = connect();
                RawNats peer = peer()) {
            Recorder fickle = new Recorder(Long.MAX_VALUE) {
                @Override
                void take(NatsMessage message) {
                    super.take(message);
                    if (numbers.count() == 500) {
                        subscription.cancel();
                    }
                }
            };
            client.publisher("f.cancel").subscribe(fickle);
            client.flush(TIMEOUT);
            publish(peer, "f.cancel", 1, 10_000);
            client.flush(TIMEOUT);

            Eventually.eventually("the server to forget it", () -> subscriptions("f.cancel") == 0);
            assertThat(fickle.numbers.received()).isEqualTo(numbers(1, 500));
            assertThat(fickle.end).isNotDone();
            assertThat(fickle.own().isActive()).isFalse();
        }
    }

    private static int subscriptions(String subject) {
        String text = server.monitoring("/connz?subs=1").toString();
        return text.split("\"" + subject + "\"", -1).length - 1;
    }

    @Test
    void whoeverCancelsInOnSubscribeLeavesNothingAtTheServer() {
        try (NatsClient client = connect();
                RawNats peer = peer()) {
            client.publisher("f.never").subscribe(new Recorder(0) {
                @Override
                public void onSubscribe(Flow.Subscription given) {
                    given.cancel();
                }
            });
            client.flush(TIMEOUT);

            assertThat(subscriptions("f.never")).isZero();
            peer.ping();
        }
    }

    @Test
    void aDrainOfTheClientCompletesBehindTheLastMessage() throws Exception {
        try (NatsClient client = connect();
                RawNats peer = peer()) {
            Recorder slow = new Recorder(1) {
                @Override
                void take(NatsMessage message) {
                    super.take(message);
                    request(1);
                }
            };
            client.publisher("f", "g").subscribe(slow);
            client.flush(TIMEOUT);
            publish(peer, "f", 1, 5_000);

            client.drain(TIMEOUT).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

            assertThat(slow.end).isCompletedWithValue(null);
            assertThat(slow.numbers.received()).isEqualTo(numbers(1, 5_000));
        }
    }

    @Test
    void aLimitCompletesItBehindTheLastMessageAndTheServerKnowsIt() throws Exception {
        try (NatsClient client = connect();
                RawNats peer = peer()) {
            Recorder limited = new Recorder(Long.MAX_VALUE) {
                @Override
                public void onSubscribe(Flow.Subscription given) {
                    ((Subscription) given).unsubscribe(3);
                    super.onSubscribe(given);
                }
            };
            client.publisher("f.limit", "g").subscribe(limited);
            client.flush(TIMEOUT);
            Eventually.eventually(
                    "the limit at the server",
                    () -> server.monitoring("/connz?subs=detail").toString().contains("\"max\":3"));
            publish(peer, "f.limit", 1, 5);

            assertThat(limited.awaitEnd()).isNull();
            assertThat(limited.numbers.received()).isEqualTo(numbers(1, 3));
        }
    }

    @Test
    void theEndOfTheClientCompletesItUnlessMessagesWereWaiting() throws Exception {
        Recorder done = new Recorder(Long.MAX_VALUE);
        Recorder waiting = new Recorder(1);
        try (NatsClient client = connect();
                RawNats peer = peer()) {
            client.publisher("f").subscribe(done);
            client.publisher("f").subscribe(waiting);
            client.flush(TIMEOUT);
            publish(peer, "f", 1, 3);
            Eventually.eventually(
                    "all of them",
                    () -> done.numbers.count() == 3 && waiting.own().pendingMessages() == 2);
        }

        assertThat(done.awaitEnd()).isNull();
        assertThat(waiting.awaitEnd())
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED))
                .hasMessageContaining("2 messages");
        Recorder late = new Recorder(1);
        NatsClient closed = connect();
        closed.close();
        closed.publisher("f").subscribe(late);
        assertThat(late.awaitEnd())
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
    }

    @Test
    void whatIsNotPermittedIsAnError() throws Exception {
        try (NatsServer guarded =
                        NatsServer.start(NatsServerConfig.builder().users(DUCK).build());
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(guarded.url()).user(DUCK.name(), DUCK.password()))) {
            Recorder denied = new Recorder(1);
            client.publisher("land.a").subscribe(denied);

            assertThat(denied.awaitEnd())
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NOT_PERMITTED));
            assertThat(denied.own().isActive()).isFalse();
        }
    }

    @Test
    void aClientThatGivesUpIsAnError() throws Exception {
        try (NatsServer mortal = NatsServer.startDefault();
                NatsClient client = clients.connect(
                        NatsOptions.builder().servers(mortal.url()).maxReconnectAttempts(0))) {
            Recorder left = new Recorder(1);
            client.publisher("f").subscribe(left);
            client.flush(TIMEOUT);

            mortal.kill();

            assertThat(left.awaitEnd())
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.NO_SERVER));
        }
    }
}
