package io.mallard.it.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.Findings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PublishLoadTest {
    private final DeliveryLedger ledger = new DeliveryLedger(Load.PUBLISHERS, 1);

    @Test
    void isOwedAMessageBeforeTheClientHasIt() {
        PublishLoad load = load(() -> assertThat(findings()).isEqualTo(new Findings(1, 0, 1, 0, 0)));

        load.happen(0, 0, 0);

        assertThat(load.accepted()).isEqualTo(1);
    }

    @Test
    void countsARefusedMessageAndSaysWhy() {
        PublishLoad load = load(() -> {
            throw new IllegalStateException("4096 of 4096 bytes");
        });

        load.happen(0, 0, 0);

        assertThat(load.accepted()).isZero();
        assertThat(findings()).isEqualTo(new Findings(0, 1, 0, 0, 0));
        assertThat(load.refusals().counts()).isEqualTo(Map.of("java.lang.IllegalStateException: # of # bytes", 1L));
    }

    @Test
    void keepsBeingOwedAMessageAfterAnErrorThatRefusesNothing() {
        PublishLoad load = load(() -> {
            throw new StackOverflowError();
        });

        assertThatThrownBy(() -> load.happen(0, 0, 0)).isInstanceOf(StackOverflowError.class);

        assertThat(findings().lost()).isEqualTo(1);
    }

    private PublishLoad load(Runnable publish) {
        LoadClient client = new FakeClient() {
            @Override
            public void publish(String subject, byte[] payload) {
                publish.run();
            }
        };
        return new PublishLoad(client, ledger);
    }

    private Findings findings() {
        return ledger.between(ledger.origin(), ledger.position());
    }
}
