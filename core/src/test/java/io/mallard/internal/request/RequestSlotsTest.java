package io.mallard.internal.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.RequestOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestSlotsTest {
    private static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofSeconds(1));

    private final RequestSlots slots = new RequestSlots();

    @Test
    void findsARequestByTheNumberOfItsTokenUntilItIsRemoved() {
        AsyncRequest request = added();
        long number = PendingRequest.number(request.token);
        assertThat(slots.get(number)).isSameAs(request);
        assertThat(slots.get(number + 64)).as("the same slot").isNull();

        slots.remove(request);
        assertThat(slots.get(number)).isNull();
    }

    @Test
    void passesOverTheNumberOfARequestThatStaysForLong() {
        AsyncRequest longest = added();

        for (int i = 0; i < 1_000; i++) {
            AsyncRequest other = added();
            assertThat(slots.get(PendingRequest.number(other.token))).isSameAs(other);
            slots.remove(other);
        }

        assertThat(slots.get(PendingRequest.number(longest.token))).isSameAs(longest);
        assertThat(slots.all()).containsExactly(longest);
    }

    @Test
    void aFewThatStayForLongDoNotMakeItGrow() {
        for (int i = 0; i < 30; i++) {
            added();
        }

        for (int i = 0; i < 100_000; i++) {
            slots.remove(added());
        }

        assertThat(slots.capacity()).isLessThanOrEqualTo(128);
        assertThat(slots.all()).hasSize(30);
    }

    @Test
    void aRequestUnderItsSecondTokenKeepsItsSlot() {
        AsyncRequest request = added();
        request.token = request.secondToken();
        assertThat(slots.get(PendingRequest.number(request.token))).isSameAs(request);

        slots.remove(request);
        assertThat(slots.all()).isEmpty();
    }

    @Test
    void givesNoNumberTwice() {
        AsyncRequest before = added();
        long number = slots.newNumber();
        AsyncRequest behind = added();

        assertThat(number)
                .isGreaterThan(PendingRequest.number(before.token))
                .isLessThan(PendingRequest.number(behind.token));
    }

    @Test
    void growsAndKeepsEveryRequest() {
        Random random = new Random(1);
        Deque<AsyncRequest> underWay = new ArrayDeque<>();
        for (int i = 0; i < 100_000; i++) {
            underWay.add(added());
            if (random.nextInt(3) == 0) {
                slots.remove(underWay.remove());
            }
        }

        List<PendingRequest> all = new ArrayList<>(slots.all());
        assertThat(all).hasSameSizeAs(underWay);
        assertThat(underWay)
                .allSatisfy(request -> assertThat(slots.get(PendingRequest.number(request.token)))
                        .isSameAs(request));
    }

    private AsyncRequest added() {
        AsyncRequest request = request();
        slots.add(request);
        return request;
    }

    private static AsyncRequest request() {
        return new AsyncRequest(
                "echo",
                null,
                OPTIONS,
                null,
                OPTIONS.timeout().toNanos(),
                System.nanoTime(),
                unwanted -> {},
                Runnable::run);
    }
}
