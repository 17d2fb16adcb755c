package io.mallard.it.report;

import io.mallard.HandoverReport;
import java.util.List;
import java.util.Locale;

/**
 * What the client says of each of its lame ducks, beside what the judge says: nothing of it decides anything.
 *
 * <p>Threading: stateless.
 */
final class LedgerTable {
    private static final List<String> HEADER = List.of(
            "from",
            "to",
            "swap ms",
            "whole ms",
            "fence ms",
            "in doubt",
            "timed out",
            "buffered",
            "refused",
            "dropped",
            "copies dropped",
            "ambiguous",
            "held over limit",
            "without loss",
            "exact");

    private LedgerTable() {}

    static Table of(List<HandoverReport> ledgers) {
        return new Table(HEADER, ledgers.stream().map(LedgerTable::row).toList(), 2);
    }

    private static List<String> row(HandoverReport ledger) {
        return List.of(
                ledger.fromUrl(),
                ledger.toUrl(),
                milliseconds(ledger.swapNs()),
                milliseconds(ledger.totalNs()),
                ledger.fenceNs() < 0 ? "-" : milliseconds(ledger.fenceNs()),
                String.valueOf(ledger.publishesInDoubt()),
                String.valueOf(ledger.requestsTimedOut()),
                String.valueOf(ledger.cost().requestsBuffered()),
                String.valueOf(ledger.cost().requestsRefused() + ledger.cost().publishesRefused()),
                String.valueOf(ledger.cost().messagesDropped()),
                String.valueOf(ledger.duplicatesDropped()),
                String.valueOf(ledger.ambiguous()),
                String.valueOf(ledger.heldOverLimit()),
                ledger.isWithoutLoss() ? "yes" : "no",
                ledger.isExact() ? "yes" : "no");
    }

    private static String milliseconds(long ns) {
        return String.format(Locale.ROOT, "%.2f", ns / 1e6);
    }
}
