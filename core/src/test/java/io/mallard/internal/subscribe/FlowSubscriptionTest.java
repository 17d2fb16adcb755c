package io.mallard.internal.subscribe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.PendingPolicy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FlowSubscriptionTest {
    private static final PendingOptions LIMITS = new PendingOptions(10, 1_000, PendingPolicy.DROP_NEW);

    private final Queue<Runnable> executor = new ArrayDeque<>();
    private final List<String> signals = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final SubscriptionRegistry registry = new SubscriptionRegistry(PendingOptions.DEFAULTS, true);
    private final ActiveSubscription.Client client = new ActiveSubscription.Client() {
        private final NoClient others = new NoClient();

        @Override
        public void unsubscribe(ActiveSubscription subscription) {
            if (!registry.remove(subscription)) {
                subscription.abandon();
            }
        }

        @Override
        public void limit(ActiveSubscription subscription) {
            signals.add("limit");
        }

        @Override
        public CompletableFuture<Void> drain(ActiveSubscription s, Duration timeout) {
            return others.drain(s, timeout);
        }

        @Override
        public void onUsedUp(ActiveSubscription subscription) {
            registry.complete(subscription);
        }

        @Override
        public void onDropped(ActiveSubscription subscription, int messages, boolean first) {
            signals.add("dropped " + messages);
        }

        @Override
        public boolean isOnEventLoop() {
            return false;
        }

        @Override
        public void onHandlerFailure(ActiveSubscription subscription, Throwable failure) {
            failures.add(failure);
        }
    };
    private Consumer<Flow.Subscription> onSubscribe = given -> {};
    private Consumer<NatsMessage> onNext = message -> {};
    private final FlowSubscription stream = registry.addFlow("a", null, new Recording(), executor::add, LIMITS, client);

    private final class Recording implements Flow.Subscriber<NatsMessage> {
        @Override
        public void onSubscribe(Flow.Subscription given) {
            signals.add("subscribed");
            onSubscribe.accept(given);
        }

        @Override
        public void onNext(NatsMessage message) {
            signals.add(new String(message.payload(), US_ASCII));
            onNext.accept(message);
        }

        @Override
        public void onError(Throwable failure) {
            signals.add(failure instanceof NatsException nats ? nats.status().name() : "" + failure.getMessage());
        }

        @Override
        public void onComplete() {
            signals.add("complete");
        }
    }

    private void start() {
        stream.start(begun -> signals.add("SUB"));
        work();
    }

    private void deliver(int first, int last) {
        for (int i = first; i <= last; i++) {
            stream.deliver(new NatsMessage("a", null, Integer.toString(i).getBytes(US_ASCII)));
        }
        registry.onTick();
        work();
    }

    private void work() {
        Runnable task;
        while ((task = executor.poll()) != null) {
            task.run();
        }
    }

    @Test
    void theServerIsToldBehindOnSubscribeAndWhatWasRequestedThereCounts() {
        onSubscribe = given -> given.request(2);
        start();
        deliver(1, 3);

        assertThat(signals).containsExactly("subscribed", "SUB", "1", "2");
        assertThat(stream.pendingMessages()).isEqualTo(1);
    }

    @Test
    void whoeverCancelsInOnSubscribeIsNeverSubscribed() {
        onSubscribe = Flow.Subscription::cancel;
        start();

        assertThat(signals).containsExactly("subscribed");
        assertThat(registry.isEmpty()).isTrue();
        assertThat(stream.isHandled()).isTrue();
    }

    @Test
    void requestingInOnNextDoesNotNest() {
        int[] depth = new int[1];
        onSubscribe = given -> given.request(1);
        onNext = message -> {
            assertThat(++depth[0]).isEqualTo(1);
            stream.request(1);
            depth[0]--;
        };
        start();
        deliver(1, 5);

        assertThat(signals).containsExactly("subscribed", "SUB", "1", "2", "3", "4", "5");
        assertThat(failures).isEmpty();
    }

    @Test
    void cancellingInOnNextEndsItThere() {
        onSubscribe = given -> given.request(9);
        onNext = message -> stream.cancel();
        start();
        deliver(1, 5);
        stream.request(0);
        stream.request(1);
        work();

        assertThat(signals).containsExactly("subscribed", "SUB", "1");
        assertThat(stream.isActive()).isFalse();
    }

    @Test
    void theLimitCompletesItBehindTheLastMessage() {
        onSubscribe = given -> stream.unsubscribe(2);
        start();
        deliver(1, 3);
        assertThat(signals).containsExactly("subscribed", "limit", "SUB", "limit");
        assertThat(stream.isHandled()).isFalse();

        stream.request(9);
        work();

        assertThat(signals).endsWith("limit", "1", "2", "complete");
        assertThat(stream.isHandled()).isTrue();
    }

    @Test
    void whatIsBeyondTheLimitsIsDroppedAndToldOf() {
        start();
        deliver(1, 12);
        assertThat(signals).containsExactly("subscribed", "SUB", "dropped 1", "dropped 1");
        assertThat(stream.droppedMessages()).isEqualTo(2);

        stream.request(Long.MAX_VALUE);
        work();
        deliver(13, 13);
        assertThat(signals).hasSize(15).endsWith("10", "13");
    }

    @Test
    void itsEndIsAnErrorOnlyIfMessagesWereDroppedByIt() {
        onSubscribe = given -> given.request(1);
        start();
        deliver(1, 2);
        registry.removeAll();
        work();

        assertThat(signals).containsExactly("subscribed", "SUB", "1", "CONNECTION_CLOSED");
    }

    @Test
    void itsEndCompletesItIfNothingWaited() {
        onSubscribe = given -> given.request(1);
        start();
        deliver(1, 1);
        registry.removeAll();
        work();

        assertThat(signals).containsExactly("subscribed", "SUB", "1", "complete");
    }

    @Test
    void aRequestThatIsNotPositiveIsAnErrorAndTheEnd() {
        start();
        stream.request(0);
        work();
        stream.request(-1);
        work();

        assertThat(signals)
                .containsExactly("subscribed", "SUB", "request(0), must be >= 1 (Reactive Streams, rule 3.9)");
        assertThat(registry.isEmpty()).isTrue();
    }

    @Test
    void whatKeepsItFromBeginningIsAnError() {
        stream.start(begun -> {
            throw new NatsException(NatsStatus.DRAINING, "no");
        });
        work();

        assertThat(signals).containsExactly("subscribed", "DRAINING");
        assertThat(registry.isEmpty()).isTrue();
    }

    @Test
    void whatTheServerOrTheClientFailsByIsAnError() {
        start();
        registry.onFailure(new NatsException(NatsStatus.NO_SERVER, "none"));
        registry.removeAll();
        work();

        assertThat(signals).containsExactly("subscribed", "SUB", "NO_SERVER");
    }

    @Test
    void aSubscriberThatThrowsHasCancelled() {
        onSubscribe = given -> given.request(9);
        onNext = message -> {
            throw new IllegalStateException("of the subscriber");
        };
        start();
        deliver(1, 3);

        assertThat(signals).containsExactly("subscribed", "SUB", "1");
        assertThat(failures).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(registry.isEmpty()).isTrue();
    }
}
