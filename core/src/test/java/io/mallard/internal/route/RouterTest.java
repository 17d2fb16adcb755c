package io.mallard.internal.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.OutboundBuffer.Append;
import io.mallard.internal.server.ServerAddress;
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

        assertThatThrownBy(() -> router.append(outbound -> outbound.unsubscribe(2, 0), System.nanoTime()))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.TIMEOUT));
    }

    @Test
    void aRefusalSpeaksOfTheRouteThatRefusedAndNotOfTheOneSinceThen() {
        Refusal refusal = router.offer(outbound -> Append.FULL, 9, 0, 1, true, 1);
        router.moveTo(Route.closed());

        assertThat(refusal.status()).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER);
        assertThat(refusal.toException("not published to \"a\""))
                .hasMessage("not published to \"a\": reconnect buffer full: 0 of 1000 bytes;"
                        + " raise reconnectBufferSize or wait");
    }

    @Test
    void refusesAPayloadLargerThanTheServerTakes() {
        Refusal refusal = router.offer(outbound -> Append.ACCEPTED, 109, 0, 101, true, 1);

        assertThat(refusal.status()).isEqualTo(NatsStatus.MAX_PAYLOAD);
        assertThat(refusal.toException("x")).hasMessageContainingAll("101 bytes", "100 bytes", "max_payload");
    }

    @Test
    void headersCountAsPayloadDoes() {
        Refusal refusal = router.offer(outbound -> Append.ACCEPTED, 139, 31, 70, true, 1);

        assertThat(router.offer(outbound -> Append.ACCEPTED, 138, 30, 70, true, 1))
                .isNull();
        assertThat(refusal.status()).isEqualTo(NatsStatus.MAX_PAYLOAD);
        assertThat(refusal.toException("x"))
                .hasMessageContaining("payload of 70 bytes with headers of 31 bytes is larger than the 100 bytes");
    }

    @Test
    void refusesHeadersWhereTheServerKnowsNone() {
        router.moveTo(Routes.withoutHeaders(second, 100));

        Refusal refusal = router.offer(outbound -> Append.ACCEPTED, 50, 30, 1, true, 1);

        assertThat(router.offer(outbound -> Append.ACCEPTED, 50, 0, 1, true, 1)).isNull();
        assertThat(refusal.status()).isEqualTo(NatsStatus.NO_SERVER_SUPPORT);
        assertThat(refusal.toException("x"))
                .hasMessage("x: the server takes no headers: it is older than 2.2, or has no_header_support set");
    }

    @Test
    void anAppendFailsWhenTheClientIsClosed() {
        router.moveTo(Route.closed());

        assertThatThrownBy(() -> router.append(outbound -> outbound.unsubscribe(2, 0), inAMinute()))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED));
    }

    @Test
    void theOnlyRouteHasNoSuccessorToWaitForWhenItsConnectionIsLeft() {
        FakePeer peer = FakePeer.ready("1", ServerAddress.parse("nats://a:1"), new RecordingOwner());
        Router only = new Router(Route.only(peer.connection()));
        only.append(outbound -> outbound.subscribe("a", null, 2), System.nanoTime());
        assertThat(peer.received()).isEqualTo("SUB a 2\r\n");
        peer.connection().outbound().seal();

        assertThatThrownBy(() -> only.append(outbound -> outbound.unsubscribe(2, 0), inAMinute()))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.CONNECTION_CLOSED))
                .hasMessage("not sent: the connection to nats://a:1 is closed or being left;"
                        + " take the next hotSwapClient()");
    }

    @Test
    void nobodyWaitsForRoomOnTheOnlyRoute() {
        FakePeer peer = FakePeer.ready("1", ServerAddress.parse("nats://a:1"), new RecordingOwner());
        Router only = new Router(Route.only(peer.connection()));

        Refusal refusal = only.offer(outbound -> Append.FULL, 9, 0, 1, true, TimeUnit.MINUTES.toNanos(1));

        assertThat(refusal.status()).isEqualTo(NatsStatus.INSUFFICIENT_BUFFER);
        assertThat(refusal.toException("x")).hasMessageContaining("outbound buffer full: 0 of ");
    }

    private static long inAMinute() {
        return System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    }
}
