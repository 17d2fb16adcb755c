package io.mallard.it.targets;

import io.mallard.it.load.ClientFigures;
import io.mallard.it.load.Percentiles;
import io.mallard.it.run.Episode;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Share;
import io.mallard.it.run.Spread;
import io.mallard.it.run.Stretch;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The targets S91 to S99, each defined and measured. Where the contract names no percentile, the 95th is meant. What was lost,
 * repeated or late is the judge's word; what only the client can know is said to be its own.
 *
 * <p>Threading: stateless.
 */
public final class Targets {
    private Targets() {}

    public static List<Target> of(RunResult result) {
        ClientFigures client = result.client();
        Share answered = result.answeredInLameDuck();
        return List.of(
                creationOnDemand(client),
                adoption(client),
                addedBySwap(result),
                creationSuccess(client),
                requestSuccess(answered),
                zeroDowntime(result),
                availability(result),
                fallback(client, answered.of()),
                overflow(client, answered.of()),
                endToEnd(result.latencies().requests().lameDuck()),
                bufferProcessing(client),
                zeroLoss(result.whole()),
                threadSafety(result));
    }

    private static Target creationOnDemand(ClientFigures client) {
        Optional<Spread> spread = millis(client.creationsNs());
        return new Target(
                "S91",
                "creation on demand",
                "P95 of the time from reading the announcement to the route through a connection that was made then; as the"
                        + " client says",
                Bound.belowMs(5),
                p95(spread),
                count(client.creationsNs().size(), "creation"));
    }

    private static Target adoption(ClientFigures client) {
        Optional<Spread> spread = millis(client.adoptionsNs());
        return new Target(
                "S91",
                "adoption of a standby",
                "P95 of the time from reading the announcement to the route through the standby that was ready; as the client says",
                Bound.belowMs(2),
                p95(spread),
                count(client.adoptionsNs().size(), "lame duck")
                        + spread.map(all -> String.format(Locale.ROOT, ", median %.2f ms", all.p50()))
                                .orElse(""));
    }

    private static Target addedBySwap(RunResult result) {
        Optional<Spread> added = result.swapCost().requestP95Added();
        return new Target(
                "S92",
                "added by a swap",
                "P95 of the requests that ended in the second behind a signal, less that of a calm second of the same episode;"
                        + " the median of the episodes",
                Bound.belowMs(1),
                added.map(spread -> OptionalDouble.of(spread.p50())).orElse(OptionalDouble.empty()),
                added.map(spread -> String.format(
                                Locale.ROOT,
                                "%s, 95 %% interval %.2f to %.2f ms",
                                count(spread.count(), "pair"),
                                spread.medianFrom(),
                                spread.medianTo()))
                        .orElse(""));
    }

    private static Target creationSuccess(ClientFigures client) {
        long attempts = client.creationAttempts().orElse(0);
        long failures = client.creationFailures().orElse(0);
        boolean counted = client.creationAttempts().isPresent()
                && client.creationFailures().isPresent();
        Share made = new Share(attempts - failures, counted ? attempts : 0);
        return new Target(
                "S93",
                "creation success",
                "of the leaving servers that a standby was to take over from, those for which there was one before every other server"
                        + " had been tried in vain or the leaving one was gone; as the client says",
                Bound.abovePercent(99),
                made.percent(),
                share(made, "attempts"));
    }

    private static Target requestSuccess(Share answered) {
        return new Target(
                "S93",
                "request success in lame duck",
                "of the requests due between a signal and the exit of that server, those that got the right answer within 2 s",
                Bound.abovePercent(99.5),
                answered.percent(),
                share(answered, "requests"));
    }

    private static Target zeroDowntime(RunResult result) {
        long flawless =
                result.episodes().stream().filter(Episode.Judged::isFlawless).count();
        Share share = new Share(flawless, result.episodes().size());
        OptionalLong own = result.client().lameDucksWithoutLoss();
        return new Target(
                "S94",
                "zero downtime",
                "of the lame ducks, those in which nothing failed, was refused, lost, repeated or out of order, and the client had"
                        + " left before the server evicted it",
                Bound.abovePercent(99.9),
                share.percent(),
                share(share, "lame ducks") + (own.isPresent() ? "; the client says " + own.getAsLong() : ""));
    }

    private static Target availability(RunResult result) {
        Share share = result.standbyInReplacement();
        double secondsEach = result.episodes().stream()
                .map(Episode.Judged::episode)
                .mapToDouble(episode -> episode.replacedAtSeconds() - episode.lameDuckAtSeconds())
                .average()
                .orElse(0);
        return new Target(
                "S95",
                "standby while a server is replaced",
                "of ten moments a second from a signal until that server runs again, those in which the client had a validated"
                        + " standby; as the client says",
                Bound.abovePercent(95),
                share.percent(),
                share(share, "moments")
                        + String.format(
                                Locale.ROOT,
                                ", %.1f s per server; %.2f %% of the whole run",
                                secondsEach,
                                result.standbyOverall().percent().orElse(0)));
    }

    private static Target fallback(ClientFigures client, long requests) {
        Share share = share(client.requestsBuffered(), requests);
        return new Target(
                "S96",
                "fallback",
                "requests that waited in the request buffer, against those due between a signal and the exit of that server; as the"
                        + " client says",
                Bound.belowPercent(5),
                share.percent(),
                share(share, "requests"));
    }

    private static Target overflow(ClientFigures client, long requests) {
        Share share = share(client.bufferOverflows(), requests);
        return new Target(
                "S96",
                "overflow",
                "requests that a full request buffer refused, against those due between a signal and the exit of that server; as the"
                        + " client says",
                Bound.belowPercent(0.1),
                share.percent(),
                share(share, "requests"));
    }

    private static Target endToEnd(Percentiles requests) {
        return new Target(
                "S97",
                "end to end in lame duck",
                "P95 of the requests that ended between a signal and the exit of that server, from the intended start to the answer",
                Bound.belowMs(5),
                requests.count() == 0 ? OptionalDouble.empty() : OptionalDouble.of(requests.p95Ms()),
                count(requests.count(), "request"));
    }

    private static Target bufferProcessing(ClientFigures client) {
        return new Target(
                "S97",
                "buffer processing",
                "the longest time that a request which left the request buffer had waited there, the making of its connection included;"
                        + " as the client says",
                Bound.belowMs(50),
                client.longestBufferedMs(),
                count(client.requestsBuffered().orElse(0), "request"));
    }

    private static Target zeroLoss(Stretch whole) {
        long requests = whole.failed();
        long publishes = whole.publishes().lost();
        long receives = whole.receives().lost();
        return new Target(
                "S98",
                "zero loss",
                "requests that failed, accepted publishes that did not reach every receiver, messages that did not reach the client's"
                        + " handler, in the whole run",
                Bound.zero(),
                OptionalDouble.of((double) requests + publishes + receives),
                String.format(Locale.ROOT, "requests %,d, publishes %,d, messages %,d", requests, publishes, receives));
    }

    private static Target threadSafety(RunResult result) {
        return new Target(
                "S99",
                "thread safety",
                "exceptions that ended a thread or could only be logged, threads and sockets that outlive the run",
                Bound.zero(),
                OptionalDouble.of(result.defects().size()),
                "all threads of the run");
    }

    private static Optional<Spread> millis(List<Long> ns) {
        return ns.isEmpty()
                ? Optional.empty()
                : Optional.of(Spread.of(ns.stream().mapToDouble(each -> each / 1e6)));
    }

    private static OptionalDouble p95(Optional<Spread> spread) {
        return spread.map(all -> OptionalDouble.of(all.p95())).orElse(OptionalDouble.empty());
    }

    /** Of nothing if the part is not known. */
    private static Share share(OptionalLong part, long of) {
        return new Share(part.orElse(0), part.isPresent() ? of : 0);
    }

    private static String share(Share share, String of) {
        return String.format(Locale.ROOT, "%,d of %,d %s", share.part(), share.of(), of);
    }

    private static String count(long number, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", number, what, number == 1 ? "" : "s");
    }
}
