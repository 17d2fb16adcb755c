package io.mallard.internal.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.ClientListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ListenerNotifierTest {
    private final Queue<Runnable> executor = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private boolean busy;
    private final ListenerNotifier notifier = new ListenerNotifier(
            new ClientListener() {
                @Override
                public void onConnected(String url) {
                    told.add(url);
                    if (url.equals("bad")) {
                        throw new IllegalStateException("a listener with a defect");
                    }
                }
            },
            this::hire,
            new EventLog());

    @Test
    void tellsInOrderWithinOneTurn() {
        tell("1");
        tell("2");
        assertThat(executor).hasSize(1);
        runTurn();
        assertThat(told).containsExactly("1", "2");

        tell("3");
        runTurn();
        assertThat(told).containsExactly("1", "2", "3");
    }

    @Test
    void aListenerThatThrowsHearsOfTheNextEvent() {
        tell("bad");
        tell("good");
        runTurn();

        assertThat(told).containsExactly("bad", "good");
    }

    @Test
    void anEventThatFoundNoThreadIsToldWithTheNextOne() {
        busy = true;
        tell("1");
        busy = false;
        tell("2");
        runTurn();

        assertThat(told).containsExactly("1", "2");
    }

    @Test
    void aListenerThatIsFarBehindMissesTheOldestEvents() {
        for (int i = 0; i < ListenerNotifier.MAX_WAITING + 2; i++) {
            tell(Integer.toString(i));
        }
        runTurn();

        assertThat(told)
                .hasSize(ListenerNotifier.MAX_WAITING)
                .startsWith("2", "3")
                .endsWith("1025");
    }

    private void tell(String url) {
        notifier.tell(listener -> listener.onConnected(url));
    }

    private void hire(Runnable turn) {
        if (busy) {
            throw new RejectedExecutionException("busy");
        }
        executor.add(turn);
    }

    private void runTurn() {
        executor.remove().run();
    }
}
