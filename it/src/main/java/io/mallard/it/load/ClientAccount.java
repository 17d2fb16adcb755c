package io.mallard.it.load;

import io.mallard.ClientListener;
import io.mallard.ClientMetrics;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.RequestBufferMetrics;
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
    private final HotSwap hotSwap;
    private final List<HandoverReport> lameDucks = new CopyOnWriteArrayList<>();

    ClientAccount(HotSwap hotSwap) {
        this.hotSwap = hotSwap;
    }

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
                hotSwap.keepsStandby() ? swapsNs() : List.of(),
                lameDucksWithoutLoss(),
                OptionalLong.of(metrics.hotSwapAttempts()),
                OptionalLong.of(metrics.hotSwapFailures()),
                hotSwap.isOnDemand() ? swapsNs() : List.of(),
                OptionalLong.of(metrics.requestBuffer().buffered()),
                OptionalLong.of(metrics.requestBuffer().overflows()),
                longestBufferedMs(metrics.requestBuffer()),
                List.copyOf(lameDucks));
    }

    private static OptionalLong lastSwapNs(ClientMetrics metrics) {
        return metrics.lastSwapNs() == 0 ? OptionalLong.empty() : OptionalLong.of(metrics.lastSwapNs());
    }

    /** A run lets no server go lame before a client that is to have a standby has one. */
    private List<Long> swapsNs() {
        return lameDucks.stream().map(HandoverReport::swapNs).toList();
    }

    private OptionalLong lameDucksWithoutLoss() {
        return OptionalLong.of(
                lameDucks.stream().filter(HandoverReport::isWithoutLoss).count());
    }

    private static OptionalDouble longestBufferedMs(RequestBufferMetrics buffer) {
        return buffer.buffered() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(buffer.waits().maxNs() / 1e6);
    }
}
