package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger;
import io.mallard.it.judge.DeliveryLedger.Position;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Counts what is missing while a run goes on. Looks at the last seconds only, so that its work does not grow with the run: what is
 * missing behind them stays missing here, while the verdict looks at everything once more.
 *
 * <p>Threading: used by one thread.
 */
final class LossSoFar {
    /** A message has this many samples of time to arrive before it counts as lost so far. */
    private static final int PATIENCE = 10;

    /** And this many to arrive and not to count any more. */
    private static final int MEMORY = 100;

    private final DeliveryLedger ledger;
    private final Deque<Position> recent = new ArrayDeque<>();

    /** Everything before this is counted for good. */
    private Position counted;

    private long lost;

    LossSoFar(DeliveryLedger ledger) {
        this.ledger = ledger;
        this.counted = ledger.origin();
        for (int i = 0; i < PATIENCE; i++) {
            recent.addLast(counted);
        }
    }

    /** To be called once per sample. */
    long next() {
        recent.addLast(ledger.position());
        if (recent.size() > MEMORY) {
            Position forgotten = recent.removeFirst();
            lost += ledger.between(counted, forgotten).lost();
            counted = forgotten;
        }
        Position due =
                recent.stream().skip(recent.size() - 1L - PATIENCE).findFirst().orElseThrow();
        return lost + ledger.between(counted, due).lost();
    }
}
