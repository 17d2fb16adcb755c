package io.mallard.it.run;

import io.mallard.it.load.ClientFigures;
import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.LatencyTimeline.Sample;
import java.util.List;
import java.util.Map;

/**
 * Everything a run has shown.
 *
 * <p>Threading: immutable.
 *
 * @param whole counted on its own, so that warm-up, episodes and rest can be seen to add up to it
 * @param warmUp its latencies are not judged, everything else is
 * @param rest behind the warm-up and in no episode
 * @param shareSent of the schedule, the smallest one of requests, publishes and messages to the client
 * @param judgedFromSeconds the end of the warm-up
 * @param client what it says of itself
 * @param failureReasons how often each reason for a failed request was given; {@code refusalReasons}: for a refused publish
 * @param troubles what kept the run from being a proof: an episode that could not be played, a judge that missed something
 * @param defects threads and sockets that outlived the run, exceptions that nobody caught or that could only be logged
 * @param answeredInLameDuck of the requests due between a signal and its server's exit, those that were answered
 * @param standbyInReplacement of the moments from a signal until its server runs again, those in which the client had a standby
 * @param standbyOverall the same of all moments behind the warm-up
 */
public record RunResult(
        int episodesWanted,
        Stretch whole,
        Stretch warmUp,
        List<Episode.Judged> episodes,
        Stretch rest,
        double shareSent,
        double judgedFromSeconds,
        ClientFigures client,
        long executedTwice,
        Map<String, Long> failureReasons,
        Map<String, Long> refusalReasons,
        List<String> troubles,
        List<String> defects,
        List<Sample> requestLatencies,
        List<Sample> deliveryDelays,
        List<Sample> receiveDelays,
        Latencies latencies,
        SwapCost swapCost,
        Share answeredInLameDuck,
        Share standbyInReplacement,
        Share standbyOverall,
        List<FailedRequest> failures,
        String serverVersion) {

    /** Everything behind the warm-up. */
    public Stretch judged() {
        return episodes.stream().map(Episode.Judged::stretch).reduce(rest, Stretch::plus);
    }
}
