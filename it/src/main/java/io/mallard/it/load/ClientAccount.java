package io.mallard.it.load;

import io.mallard.ClientListener;
import io.mallard.ClientMetrics;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Mallard's own word, from its metrics and its listener: no other part of a run reads either. It is shown beside what the judge
 * saw, and never in its place.
 *
 * <p>Threading: told by one thread of the client at a time, asked by any.
 */
final class ClientAccount implements ClientListener {
    private final List<HandoverReport> lameDucks = new CopyOnWriteArrayList<>();

    @Override
    public void onHandoverComplete(HandoverReport report) {
        if (report.reason() == HandoverReason.LAME_DUCK) {
            lameDucks.add(report);
        }
    }

    ClientFigures figures(ClientMetrics metrics) {
        return new ClientFigures(
                metrics.publishesInDoubt(),
                lastSwapNs(metrics),
                adoptionsNs(),
                lameDucksWithoutLoss(),
                OptionalLong.of(metrics.hotSwapAttempts()),
                OptionalLong.of(metrics.hotSwapFailures()),
                creationsNs(),
                OptionalLong.of(metrics.requestBuffer().buffered()),
                OptionalLong.of(metrics.requestBuffer().overflows()),
                bufferedP95Ms());
    }

    private static OptionalLong lastSwapNs(ClientMetrics metrics) {
        return metrics.lastSwapNs() == 0 ? OptionalLong.empty() : OptionalLong.of(metrics.lastSwapNs());
    }

    /** A run lets no server go lame before the client has a standby. */
    private List<Long> adoptionsNs() {
        return lameDucks.stream().map(HandoverReport::swapNs).toList();
    }

    private OptionalLong lameDucksWithoutLoss() {
        return OptionalLong.of(
                lameDucks.stream().filter(HandoverReport::isWithoutLoss).count());
    }

    // Neither the metrics nor the reports have what follows.

    private static List<Long> creationsNs() {
        return List.of();
    }

    private static OptionalDouble bufferedP95Ms() {
        return OptionalDouble.empty();
    }
}
