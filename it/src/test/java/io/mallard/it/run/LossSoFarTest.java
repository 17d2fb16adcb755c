package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.DeliveryLedger.SocketRecord;
import org.junit.jupiter.api.Test;

class LossSoFarTest {
    private final DeliveryLedger ledger = new DeliveryLedger(1, 1);
    private final SocketRecord socket = ledger.openSocket(0);
    private final LossSoFar loss = new LossSoFar(ledger);

    private int sequence;

    @Test
    void givesAMessageASecondToArrive() {
        ledger.offered(0, sequence);

        assertThat(after(10)).isZero();
        assertThat(after(1)).isEqualTo(1);
    }

    @Test
    void forgivesAMessageThatArrivesLater() {
        ledger.offered(0, sequence);
        assertThat(after(20)).isEqualTo(1);

        socket.received(0, sequence);

        assertThat(after(1)).isZero();
    }

    @Test
    void countsEveryLossOnceHoweverLongItIsAgo() {
        for (int i = 0; i < 500; i++) {
            ledger.offered(0, sequence);
            if (i % 100 != 0) {
                socket.received(0, sequence);
            }
            sequence++;
            loss.next();
        }

        assertThat(after(10)).isEqualTo(5);
        assertThat(after(500)).isEqualTo(5);
    }

    private long after(int samples) {
        long lost = 0;
        for (int i = 0; i < samples; i++) {
            lost = loss.next();
        }
        return lost;
    }
}
