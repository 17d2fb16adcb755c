package io.mallard.it.run;

import io.mallard.it.judge.Findings;
import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.LatencyTimeline.Sample;
import java.util.List;
import java.util.Map;

/**
 * Everything a run has shown.
 *
 * <p>Threading: immutable.
 *
 * @param shareSent of the schedule, the smaller one of requests and publishes
 * @param judgedFromSeconds the end of the warm-up: latencies before it are not judged, everything else is
 * @param worstRequestMs of all requests behind the warm-up
 * @param failureReasons how often each reason for a failed request was given; {@code refusalReasons}: for a refused publish
 * @param troubles what kept the run from being a proof: an episode that could not be played, a judge that missed something
 */
public record RunResult(
        int episodesWanted,
        List<Episode.Judged> episodes,
        long requests,
        long failed,
        Findings findings,
        double shareSent,
        double judgedFromSeconds,
        double worstRequestMs,
        long inDoubt,
        long executedTwice,
        Map<String, Long> failureReasons,
        Map<String, Long> refusalReasons,
        List<String> troubles,
        List<Sample> requestLatencies,
        List<Sample> deliveryDelays,
        List<FailedRequest> failures,
        String serverVersion) {}
