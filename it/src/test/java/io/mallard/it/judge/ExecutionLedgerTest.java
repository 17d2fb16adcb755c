package io.mallard.it.judge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExecutionLedgerTest {
    private final ExecutionLedger ledger = new ExecutionLedger();

    @Test
    void countsARequestOnceThatWasExecutedAgainAndAgain() {
        ledger.executed(1);
        ledger.executed(2);
        ledger.executed(1);
        ledger.executed(1);

        assertThat(ledger.repeated()).isEqualTo(1);
    }
}
