package io.mallard.it.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.judge.DeliveryLedger.Position;
import io.mallard.it.judge.DeliveryLedger.SocketRecord;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeliveryLedgerTest {
    private static final int RECEIVERS = 3;
    private static final int FIRST = 0;
    private static final int SECOND = 1;

    private final DeliveryLedger ledger = new DeliveryLedger(2, RECEIVERS);
    private final List<SocketRecord> sockets =
            IntStream.range(0, RECEIVERS).mapToObj(ledger::openSocket).toList();

    @BeforeEach
    void publishTenEach() {
        for (int sequence = 0; sequence < 10; sequence++) {
            ledger.offered(FIRST, sequence);
            ledger.offered(SECOND, sequence);
        }
    }

    @Test
    void findsNothingInAPerfectHistory() {
        sockets.forEach(socket -> see(socket, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));

        assertThat(findings()).isEqualTo(new Findings(20, 0, 0, 0, 0));
    }

    @Test
    void findsAMessageNobodySaw() {
        sockets.forEach(socket -> see(socket, 0, 1, 2, 3, 4, 6, 7, 8, 9));

        assertThat(findings()).isEqualTo(new Findings(20, 0, 2, 0, 0));
    }

    @Test
    void findsAMessageThatOnlyTwoOfThreeReceiversSaw() {
        see(sockets.get(0), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        see(sockets.get(1), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        sockets.get(2).received(FIRST, 9);
        for (int sequence = 0; sequence < 9; sequence++) {
            sockets.get(2).received(FIRST, sequence);
            sockets.get(2).received(SECOND, sequence);
        }

        assertThat(findings().lost()).isEqualTo(1);
    }

    @Test
    void countsAMessageOnceThatSeveralReceiversMissed() {
        see(sockets.get(0), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        see(sockets.get(1), 0, 1, 2, 3, 4, 5, 6, 7, 8);
        see(sockets.get(2), 0, 1, 2, 3, 4, 5, 6, 7);

        assertThat(findings().lost()).isEqualTo(4);
    }

    @Test
    void findsADuplicateOnOneSocketAndDoesNotCallItReordered() {
        sockets.forEach(socket -> see(socket, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        sockets.get(1).received(SECOND, 4);

        assertThat(findings()).isEqualTo(new Findings(20, 0, 0, 1, 0));
    }

    @Test
    void findsAnInversionAndCountsTheLateOnes() {
        see(sockets.get(0), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        see(sockets.get(1), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        see(sockets.get(2), 0, 1, 2, 5, 3, 4, 6, 7, 8, 9);

        assertThat(findings()).isEqualTo(new Findings(20, 0, 0, 0, 4));
    }

    @Test
    void doesNotCompareTheOrderOfDifferentPublishers() {
        for (SocketRecord socket : sockets) {
            IntStream.range(0, 10).forEach(sequence -> socket.received(SECOND, sequence));
            IntStream.range(0, 10).forEach(sequence -> socket.received(FIRST, sequence));
        }

        assertThat(findings()).isEqualTo(new Findings(20, 0, 0, 0, 0));
    }

    @Test
    void takesTheUnionOfAReceiversOwnSocketsAndCountsNoCopyBetweenThem() {
        see(sockets.get(0), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        see(sockets.get(1), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        see(sockets.get(2), 0, 1, 2, 3, 4, 5);
        see(ledger.openSocket(2), 4, 5, 6, 7, 8, 9);

        assertThat(findings()).isEqualTo(new Findings(20, 0, 0, 0, 0));
    }

    @Test
    void findsADuplicateOnTheSecondSocketOfAReceiver() {
        sockets.forEach(socket -> see(socket, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        SocketRecord second = ledger.openSocket(2);
        second.received(FIRST, 7);
        second.received(FIRST, 7);

        assertThat(findings()).isEqualTo(new Findings(20, 0, 0, 1, 0));
    }

    @Test
    void chargesEachFindingToTheStretchItsMessageWasPublishedIn() {
        Position afterTen = ledger.position();
        ledger.offered(FIRST, 10);
        sockets.forEach(socket -> see(socket, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));

        assertThat(ledger.between(ledger.origin(), afterTen)).isEqualTo(new Findings(20, 0, 0, 0, 0));
        assertThat(ledger.between(afterTen, ledger.position())).isEqualTo(new Findings(1, 0, 1, 0, 0));
    }

    @Test
    void owesNobodyAMessageTheClientRefusedAndCountsItApart() {
        ledger.offered(FIRST, 10);
        ledger.refused(FIRST, 10);
        ledger.offered(FIRST, 11);
        sockets.forEach(socket -> see(socket, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        sockets.forEach(socket -> socket.received(FIRST, 11));

        assertThat(findings()).isEqualTo(new Findings(21, 1, 0, 0, 0));
    }

    private Findings findings() {
        return ledger.between(ledger.origin(), ledger.position());
    }

    /** The socket sees these messages of both publishers. */
    private static void see(SocketRecord socket, int... sequences) {
        for (int sequence : sequences) {
            socket.received(FIRST, sequence);
            socket.received(SECOND, sequence);
        }
    }
}
