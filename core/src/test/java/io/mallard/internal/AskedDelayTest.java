package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.ClientListener;
import io.mallard.HotSwapOptions;
import io.mallard.ReconnectDelay;
import io.mallard.internal.connection.FakeDialer;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.route.StandbyPool;
import io.mallard.internal.server.Backoff;
import io.mallard.internal.server.ServerAddress;
import io.mallard.internal.server.ServerPool;
import io.mallard.protocol.wire.MessageView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AskedDelayTest {
    private static final long USUAL_NS = 100;
    private static final ServerAddress A = new ServerAddress("a", 1);

    private final FakeDialer dialer = new FakeDialer();
    private final List<Runnable> handedOver = new ArrayList<>();
    private final List<Integer> rounds = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private final EventLog log = new EventLog();
    private final StandbyPool pool = new StandbyPool(
            new ServerPool(List.of(A), List.of(), false, false, -1, new Random(1)),
            dialer,
            new Backoff(USUAL_NS, USUAL_NS, 0),
            new Random(1),
            HotSwapOptions.DEFAULTS,
            TimeUnit.SECONDS.toNanos(1),
            new Nobody(),
            0);
    private long nowNs;
    private int failedRounds;

    AskedDelayTest() {
        pool.need(0);
    }

    /** Has no connection. */
    private static final class Nobody implements StandbyPool.User {
        @Override
        public void onStandby(ServerConnection standby) {}

        @Override
        public void onRoundFailed(Map<ServerAddress, Throwable> failures) {}

        @Override
        public ServerConnection carrier() {
            return null;
        }

        @Override
        public void onInfo(ServerConnection connection) {}

        @Override
        public void onLameDuck(ServerConnection connection) {}

        @Override
        public void onMessage(ServerConnection connection, MessageView message) {}

        @Override
        public void onServerError(ServerConnection connection, String text) {}

        @Override
        public void onClosed(ServerConnection connection, Throwable cause) {}
    }

    private AskedDelay asking(ReconnectDelay delay) {
        ClientListener listener = new ClientListener() {
            @Override
            public void onError(Throwable error) {
                errors.add(error.getMessage());
            }
        };
        return new AskedDelay(
                failed -> {
                    rounds.add(failed);
                    return delay.after(failed);
                },
                handedOver::add,
                Runnable::run,
                pool,
                new ListenerNotifier(listener, Runnable::run, log),
                log);
    }

    /** One round over the only server. */
    private void failRound(AskedDelay asked) {
        pool.onTick(nowNs);
        dialer.fails("refused");
        pool.onTick(nowNs);
        asked.ask(++failedRounds, nowNs);
    }

    private void answer() {
        handedOver.remove(0).run();
    }

    /** How long it takes until the next attempt, to the nanosecond. */
    private void assertNextAttemptAfter(long waitNs) {
        pool.onTick(nowNs + waitNs - 1);
        assertThat(dialer.isDialling()).isFalse();
        nowNs += waitNs;
        pool.onTick(nowNs);
        assertThat(dialer.isDialling()).isTrue();
    }

    @Test
    void theNextRoundBeginsWhenTheUserSays() {
        AskedDelay asked = asking(failed -> Duration.ofNanos(7_000L * failed));

        failRound(asked);
        answer();
        assertNextAttemptAfter(7_000);
        failRound(asked);
        answer();
        assertNextAttemptAfter(14_000);

        assertThat(rounds).containsExactly(1, 2);
        assertThat(errors).isEmpty();
    }

    @Test
    void theNextRoundBeginsAtOnceIfTheUserSaysSo() {
        failRound(asking(failed -> Duration.ZERO));
        answer();

        pool.onTick(nowNs);

        assertThat(dialer.isDialling()).isTrue();
    }

    @Test
    void anExceptionIsToldAndTheOptionsDecide() {
        failRound(asking(failed -> {
            throw new IllegalStateException("quack");
        }));
        answer();

        assertNextAttemptAfter(USUAL_NS);
        assertThat(errors).containsExactly("reconnectDelay gives no delay, so the options do: quack");
    }

    @Test
    void nullIsToldAndTheOptionsDecide() {
        failRound(asking(failed -> null));
        answer();

        assertNextAttemptAfter(USUAL_NS);
        assertThat(errors).containsExactly("reconnectDelay gives no delay, so the options do: it has returned null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "P1000D", "PT2562047788015215H"})
    void nonsenseIsToldAndTheOptionsDecide(Duration nonsense) {
        failRound(asking(failed -> nonsense));
        answer();

        assertNextAttemptAfter(USUAL_NS);
        assertThat(errors).singleElement().asString().endsWith("it has returned " + nonsense);
    }

    @Test
    void anAnswerThatDoesNotComeIsWaitedForOnlySoLong() {
        AskedDelay asked = asking(failed -> Duration.ofDays(1));
        failRound(asked);
        assertNextAttemptAfter(AskedDelay.PATIENCE_NS);

        failRound(asked);
        assertThat(handedOver).as("no second question while the first is open").hasSize(1);
        answer();

        assertNextAttemptAfter(USUAL_NS);
    }

    @Test
    void anExecutorThatRefusesLeavesItToTheOptions() {
        AskedDelay asked = new AskedDelay(
                failed -> Duration.ofDays(1),
                task -> {
                    throw new RejectedExecutionException("busy");
                },
                Runnable::run,
                pool,
                new ListenerNotifier(new ClientListener() {}, Runnable::run, log),
                log);

        failRound(asked);

        assertNextAttemptAfter(USUAL_NS);
    }
}
