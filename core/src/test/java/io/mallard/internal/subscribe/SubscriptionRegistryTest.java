package io.mallard.internal.subscribe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.MessageHandler;
import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.PendingOptions;
import io.mallard.internal.FakeMessage;
import io.mallard.internal.outbound.FakeTransport;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.SocketWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubscriptionRegistryTest {
    private final class RecordingClient implements ActiveSubscription.Client {
        final List<String> events = new ArrayList<>();

        @Override
        public void unsubscribe(ActiveSubscription subscription) {
            events.add("unsubscribe " + subscription.sid());
        }

        @Override
        public void limit(ActiveSubscription subscription) {}

        @Override
        public CompletableFuture<Void> drain(ActiveSubscription subscription, Duration timeout) {
            return new CompletableFuture<>();
        }

        @Override
        public void onUsedUp(ActiveSubscription subscription) {
            registry.complete(subscription);
        }

        @Override
        public void onDropped(ActiveSubscription subscription, int messages, boolean first) {
            if (first) {
                events.add("slow " + subscription.sid());
            }
        }

        @Override
        public boolean isOnEventLoop() {
            return false;
        }

        @Override
        public void onHandlerFailure(ActiveSubscription subscription, Throwable failure) {
            events.add("failed " + failure.getMessage());
        }
    }

    private final SubscriptionRegistry registry = new SubscriptionRegistry(PendingOptions.DEFAULTS, true);
    private final RecordingClient client = new RecordingClient();
    private final Queue<Runnable> executor = new ArrayDeque<>();
    private final List<String> handled = new ArrayList<>();
    private final OutboundBuffer outbound = OutboundBuffer.ofConnection(1 << 20);
    private final FakeTransport transport = new FakeTransport();
    private final SocketWriter writer = new SocketWriter(outbound, transport, failure -> {});

    @Test
    void deliversToTheSubscriptionOfTheSid() {
        ActiveSubscription first = add("a.*", null);
        ActiveSubscription second = add("a.b", "q");
        assertThat(first.sid()).isEqualTo(2);
        assertThat(second.sid()).isEqualTo(3);

        deliver(new FakeMessage(3, "a.b", "r", null, "1"));
        deliver(new FakeMessage(2, "a.c", "2"));
        deliver(new FakeMessage(4, "a.b", "nobody's"));
        assertThat(first.pendingMessages()).isEqualTo(1);
        runExecutor();

        assertThat(handled).containsExactly("3 a.b r 1", "2 a.c null 2");
    }

    @ParameterizedTest
    @CsvSource({"4094,", "4094,q", "1000,3100"})
    void refusesASubscriptionThatWouldCostTheConnectionBecauseItsLineIsTooLong(int subjectLength, String queue) {
        String group = queue == null || queue.equals("q") ? queue : "q".repeat(Integer.parseInt(queue));
        if (queue == null) {
            assertThat(add("a".repeat(subjectLength), null).sid()).isEqualTo(2);
        }

        assertThatThrownBy(() -> add("a".repeat(subjectLength + (queue == null ? 1 : 0)), group))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_SUBJECT))
                .hasMessageContaining("4096");
    }

    @ParameterizedTest
    @CsvSource({"'',", "a b,", "a..b,", "a.>.b,", "a,''", "a,b c"})
    void refusesASubjectOrQueueThatIsNone(String subject, String queue) {
        assertThatThrownBy(() -> add(subject, queue))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_SUBJECT));
        registry.subscribeAll(outbound);
        writer.flush();
        assertThat(transport.takeWritten()).isEmpty();
    }

    @Test
    void deliversNothingToASubscriptionThatHasEnded() {
        ActiveSubscription subscription = add("a", null);
        deliver(new FakeMessage(2, "a", "1"));

        assertThat(registry.remove(subscription)).isTrue();
        assertThat(registry.remove(subscription)).isFalse();
        deliver(new FakeMessage(2, "a", "2"));
        runExecutor();

        assertThat(handled).isEmpty();
        assertThat(subscription.isActive()).isFalse();
    }

    @Test
    void aHandlerThatThrowsIsReportedAndCalledAgain() {
        ActiveSubscription subscription = registry.add(
                "a",
                null,
                message -> {
                    handled.add(new String(message.payload(), US_ASCII));
                    throw new IllegalStateException("no " + handled.size());
                },
                executor::add,
                client);

        deliver(new FakeMessage(subscription.sid(), "a", "1"));
        deliver(new FakeMessage(subscription.sid(), "a", "2"));
        runExecutor();

        assertThat(handled).containsExactly("1", "2");
        assertThat(client.events).containsExactly("failed no 1", "failed no 2");
    }

    @Test
    void messagesWaitForAnExecutorThatHasNoThread() {
        busy = true;
        add("a", null);
        ActiveSubscription ended = add("a", null);
        add("a", null);
        for (long sid = 2; sid <= 4; sid++) {
            deliver(new FakeMessage(sid, "a", "1"));
            deliver(new FakeMessage(sid, "a", "2"));
        }
        assertThat(registry.onTick()).isPositive().isLessThan(Long.MAX_VALUE);
        assertThat(client.events).as("one each").containsExactly("failed busy", "failed busy", "failed busy");
        registry.remove(ended);

        busy = false;
        assertThat(registry.onTick()).isEqualTo(Long.MAX_VALUE);
        runExecutor();

        assertThat(handled).containsExactly("2 a null 1", "2 a null 2", "4 a null 1", "4 a null 2");
        assertThat(client.events).hasSize(3);
    }

    @Test
    void aSlowConsumerIsReportedOncePerEpisodeAndItsLossIsCounted() {
        ActiveSubscription subscription = add("a", null);
        FakeMessage large = new FakeMessage(subscription.sid(), "a", "x".repeat(33 << 20));

        deliver(large);
        deliver(large);
        deliver(large);
        assertThat(subscription.droppedMessages()).isEqualTo(2);
        assertThat(client.events).containsExactly("slow 2");

        runExecutor();
        deliver(new FakeMessage(subscription.sid(), "a", "small"));
        deliver(large);
        deliver(large);
        assertThat(subscription.droppedMessages()).isEqualTo(3);
        assertThat(client.events).containsExactly("slow 2", "slow 2");
    }

    @Test
    void tellsAServerOfEveryLiveSubscription() {
        add("a.*", null);
        ActiveSubscription ended = add("b", null);
        add("c", "q");
        registry.remove(ended);

        registry.subscribeAll(outbound);
        writer.flush();
        assertThat(lines(transport.takeWritten())).containsExactlyInAnyOrder("SUB a.* 2", "SUB c q 4");

        outbound.seal();
        registry.unsubscribeAll(outbound);
        writer.flush();
        assertThat(lines(transport.takeWritten())).containsExactlyInAnyOrder("UNSUB 2", "UNSUB 4");

        registry.removeAll();
        registry.subscribeAll(outbound);
        writer.flush();
        assertThat(transport.takeWritten()).isEmpty();
    }

    /** The last word to the server decides: a SUB behind its own UNSUB would live there for ever. */
    @RepeatedTest(20)
    void aSubscriptionThatEndsWhileAServerIsToldOfAllEndsThereToo() throws Exception {
        int count = 2_000;
        List<ActiveSubscription> subscriptions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            subscriptions.add(add("a", null));
        }
        CountDownLatch start = new CountDownLatch(1);
        Thread user = new Thread(() -> {
            try {
                start.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            for (ActiveSubscription subscription : subscriptions) {
                registry.remove(subscription);
                outbound.unsubscribe(subscription.sid(), 0);
                writer.flush();
            }
        });
        user.start();

        start.countDown();
        registry.subscribeAll(outbound);
        writer.flush();
        user.join();
        writer.onWritable();

        boolean[] subscribed = new boolean[count + 2];
        for (String line : lines(transport.takeWritten())) {
            int sid = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
            subscribed[sid] = line.startsWith("SUB ");
        }
        assertThat(subscribed).doesNotContain(true);
    }

    @Test
    void aServerIsNotToldOfWhatAnotherConnectionAloneHas() {
        OutboundBuffer other = OutboundBuffer.ofConnection(1_000);
        registry.addOnly(other, "a", message -> {}, this::hire, client);
        add("b", null);

        registry.subscribeAll(outbound);
        writer.flush();

        assertThat(transport.takeWritten()).isEqualTo("SUB b 3\r\n");
    }

    @Test
    void whatALostConnectionAloneHadGoesToTheOther() {
        OutboundBuffer lost = OutboundBuffer.ofConnection(1_000);
        ActiveSubscription subscription = registry.addOnly(lost, "a", message -> {}, this::hire, client);
        lost.seal();

        registry.moveOnly(lost, outbound);
        registry.subscribeAll(outbound);
        writer.flush();

        assertThat(transport.takeWritten()).as("once").isEqualTo("SUB a 2\r\n");
        assertThat(subscription.onlyOn()).isSameAs(outbound);
    }

    @Test
    void whatALostConnectionAloneHadIsLikeTheOthersIfThereIsNoOtherConnectionYet() {
        OutboundBuffer lost = OutboundBuffer.ofConnection(1_000);
        registry.addOnly(lost, "a", message -> {}, this::hire, client);

        registry.joinAll(lost);
        registry.subscribeAll(outbound);
        writer.flush();

        assertThat(transport.takeWritten()).isEqualTo("SUB a 2\r\n");
    }

    private ActiveSubscription add(String subject, String queue) {
        long sid = nextSid++;
        MessageHandler handler = message -> handled.add(
                sid + " " + message.subject() + " " + message.reply() + " " + new String(message.payload(), US_ASCII));
        return registry.add(subject, queue, handler, this::hire, client);
    }

    private void hire(Runnable turn) {
        if (busy) {
            throw new RejectedExecutionException("busy");
        }
        executor.add(turn);
    }

    private long nextSid = 2;
    private boolean busy;

    private void runExecutor() {
        registry.onTick();
        Runnable turn;
        while ((turn = executor.poll()) != null) {
            turn.run();
        }
    }

    private static List<String> lines(String wire) {
        return Arrays.stream(wire.split("\r\n", 0))
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private void deliver(FakeMessage message) {
        ActiveSubscription subscription = registry.find(message.sid());
        if (subscription != null) {
            subscription.deliver(subscription.read(message, (subject, payload) -> {}));
        }
    }
}
