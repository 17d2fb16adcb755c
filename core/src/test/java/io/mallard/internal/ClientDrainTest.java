package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientDrainTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final List<String> steps = new ArrayList<>();
    private boolean handled;
    private boolean stranded;
    private int waitingRequests;
    private int unanswered;
    private @Nullable NatsException loss;
    private ClientDrain.Left left = new ClientDrain.Left(0, 0);
    /** It runs nothing before it is started. */
    private final EventLoop loop = new EventLoop("drain-test", failure -> {});

    private final ClientDrain drain = new ClientDrain(
            loop,
            new ClientDrain.Subscriptions() {
                @Override
                public boolean drainAll(long nowNs) {
                    return handled;
                }

                @Override
                public ClientDrain.Left abandonAll() {
                    steps.add("abandon");
                    return left;
                }
            },
            new ClientDrain.Traffic() {
                @Override
                public boolean isStranded() {
                    return stranded;
                }

                @Override
                public void closeWhenDone() {
                    steps.add("close when done");
                }

                @Override
                public void close() {
                    steps.add("close");
                }

                @Override
                public int unanswered() {
                    return unanswered;
                }

                @Override
                public @Nullable NatsException loss() {
                    return loss;
                }
            },
            () -> waitingRequests,
            Runnable::run);
    private final CompletableFuture<Void> drained = drain.begin(TIMEOUT);

    ClientDrainTest() throws IOException {
        drain.start(TIMEOUT.toNanos(), 0);
    }

    @AfterEach
    void endLoop() {
        loop.close();
    }

    @Test
    void refusesNothingButSubscriptionsUntilAllIsHandled() {
        assertThatThrownBy(() -> drain.checkMaySubscribe("a"))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.DRAINING));
        drain.onTick(0);
        assertThat(steps).isEmpty();

        handled = true;
        drain.onTick(0);
        assertThat(steps).containsExactly("close when done");
        assertThat(drained).isNotDone();

        drain.onEnd();
        assertThat(drained).isCompleted();
        drain.checkMaySubscribe("a"); // The closed client says so itself.
    }

    @Test
    void waitsForAConnectionIfThereIsSomethingToSend() {
        handled = true;
        stranded = true;
        waitingRequests = 1;
        drain.onTick(0);
        stranded = false;
        drain.onTick(0);
        assertThat(steps).isEmpty();

        waitingRequests = 0;
        drain.onTick(0);

        assertThat(steps).containsExactly("close when done");
    }

    @Test
    void closesAtTheDeadlineAndSaysWhatWasLeft() {
        left = new ClientDrain.Left(2, 5);
        unanswered = 3;
        loss = new NatsException(NatsStatus.CONNECTION_CLOSED, "closed with 4 publishes in doubt");
        assertThat(drain.onTick(TIMEOUT.toNanos() - 1)).isEqualTo(1);
        assertThat(steps).isEmpty();

        drain.onTick(TIMEOUT.toNanos());
        drain.onTick(TIMEOUT.toNanos());
        drain.onEnd();

        assertThat(steps).containsExactly("abandon", "close");
        assertFailed(
                NatsStatus.TIMEOUT, "1000 ms", "2 subscriptions", "5 of their messages", "3 requests", "4 publishes");
    }

    @Test
    void isInTimeIfAtTheDeadlineNothingIsLeft() {
        drain.onTick(TIMEOUT.toNanos());
        drain.onEnd();

        assertThat(drained).isCompleted();
    }

    @Test
    void aLostConnectionInTheEndIsNoSuccess() {
        handled = true;
        drain.onTick(0);
        unanswered = 1;
        drain.onEnd();

        assertFailed(NatsStatus.CONNECTION_CLOSED, "1 requests had no reply");
    }

    @Test
    void whoeverClosesTheClientMeanwhileEndsIt() {
        drain.onTick(0);
        drain.onEnd();

        assertFailed(NatsStatus.CONNECTION_CLOSED, "closed while it was being drained");
    }

    private void assertFailed(NatsStatus status, String... texts) {
        assertThatThrownBy(() -> drained.getNow(null))
                .cause()
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageContainingAll(texts);
    }
}
