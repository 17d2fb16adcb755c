package io.mallard.internal.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.connection.RecordingOwner;
import io.mallard.internal.connection.ServerConnection;
import io.mallard.internal.server.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PassageTest {
    private static final long TIMEOUT_NS = 1_000;
    private static final long UNKNOWN_NS = 100;

    private final RecordingOwner owner = new RecordingOwner();
    private final FakePeer leaving = FakePeer.ready("A", new ServerAddress("a", 4222), owner);
    private final FakePeer next = FakePeer.ready("B", new ServerAddress("b", 4222), owner);
    private final List<Fence> fences = new ArrayList<>();
    private final long beganNs = Long.MAX_VALUE - 50;
    private Passage passage = begin();

    private Passage begin() {
        return new Passage(leaving.connection(), next.connection(), this::fence, TIMEOUT_NS, UNKNOWN_NS, beganNs);
    }

    private Fence fence(ServerConnection origin, ServerConnection destination, long timeoutNs, long nowNs) {
        int token = fences.size();
        Fence fence = new Fence(origin, destination, "_." + token, token, timeoutNs, nowNs);
        fences.add(fence);
        return fence;
    }

    private void arrives(int token, FakePeer at) {
        assertThat(fences.get(token).onInboxMessage(at.connection(), token, beganNs))
                .isTrue();
    }

    private boolean isOver(long afterNs) {
        return passage.step(beganNs + afterNs);
    }

    @BeforeEach
    void theConnectionThatIsLeftTakesNoNewTraffic() {
        leaving.connection().outbound().seal();
    }

    @Test
    void isOverWhenAMessageBehindTheLastPublishHasArrivedAtTheNextServer() {
        assertThat(next.received()).isEqualTo("PUB _.0 0\r\n\r\n");
        assertThat(isOver(0)).isFalse();
        assertThat(leaving.received())
                .as("before the old server is known to know of the inbox")
                .isEmpty();

        arrives(0, leaving);
        assertThat(isOver(UNKNOWN_NS)).isFalse();
        assertThat(leaving.received()).isEqualTo("PUB _.1 0\r\n\r\n");

        arrives(1, next);
        assertThat(isOver(UNKNOWN_NS)).isTrue();
    }

    @Test
    void sendsEachFenceOnce() {
        arrives(0, leaving);
        isOver(0);
        isOver(1);

        assertThat(fences).hasSize(2);
    }

    @Test
    void isOverAfterAWhileWhenNoFenceMayBeSent() {
        assertThat(fences.get(0).onServerError(next.connection(), "Permissions Violation for Publish to \"_.0\""))
                .isTrue();

        assertThat(isOver(UNKNOWN_NS - 1)).isFalse();
        assertThat(isOver(UNKNOWN_NS)).isTrue();
        assertThat(leaving.received()).isEmpty();
    }

    @Test
    void waitsForEachFenceOnlySoLong() {
        assertThat(isOver(TIMEOUT_NS - 1)).isFalse();
        assertThat(isOver(TIMEOUT_NS)).isTrue();

        passage = begin();
        arrives(1, leaving);
        assertThat(isOver(TIMEOUT_NS - 1)).isFalse();
        assertThat(isOver(TIMEOUT_NS - 1 + TIMEOUT_NS)).isTrue();
    }

    @Test
    void isThatOfTheseTwoConnectionsAlone() {
        assertThat(passage.isOf(leaving.connection(), next.connection())).isTrue();
        assertThat(passage.isOf(next.connection(), leaving.connection())).isFalse();
    }
}
