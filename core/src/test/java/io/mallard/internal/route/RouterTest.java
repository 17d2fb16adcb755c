package io.mallard.internal.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.outbound.OutboundBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RouterTest {
    private final OutboundBuffer first = OutboundBuffer.offline(1_000);
    private final OutboundBuffer second = OutboundBuffer.ofConnection(1_000);
    private final Route firstRoute = Route.offline(first, 100);
    private final Router router = new Router(firstRoute);

    @Test
    void doesNotWaitWhenTheSuccessorIsThere() {
        router.moveTo(Route.offline(second, 100));

        assertThat(router.awaitSuccessor(firstRoute, System.nanoTime() - 1)).isTrue();
    }

    @Test
    void givesUpWaitingAtTheDeadline() {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5);

        assertThat(router.awaitSuccessor(firstRoute, deadlineNs)).isFalse();
        assertThat(System.nanoTime() - deadlineNs).isNotNegative();
    }

    @Test
    void anAppendThatMeetsTheSealGoesToTheSuccessor() throws Exception {
        first.seal();
        CompletableFuture<Void> appended = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            router.append(outbound -> outbound.subscribe("a", null, 2), inAMinute());
            appended.complete(null);
        });
        caller.start();
        while (caller.getState() != Thread.State.TIMED_WAITING) {
            assertThat(appended).isNotDone();
            Thread.onSpinWait();
        }

        router.moveTo(Route.offline(second, 100));

        appended.get(10, TimeUnit.SECONDS);
        assertThat(second.describeFill()).isEqualTo("SUB a 2\r\n".length() + " of 1000 bytes");
        caller.join();
    }

    @Test
    void anAppendFailsWhenTheMoveTakesTooLong() {
        first.seal();

        assertThatThrownBy(() -> router.append(outbound -> outbound.unsubscribe(2), System.nanoTime()))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT));
    }

    @Test
    void anAppendFailsWhenTheClientIsClosed() {
        router.moveTo(Route.closed());

        assertThatThrownBy(() -> router.append(outbound -> outbound.unsubscribe(2), inAMinute()))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
    }

    private static long inAMinute() {
        return System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    }
}
