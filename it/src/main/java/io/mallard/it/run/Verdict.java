package io.mallard.it.run;

import io.mallard.it.judge.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whether a run kept the promise, in one line for scripts and in a sentence for each way it did not.
 *
 * <p>Threading: immutable.
 */
public record Verdict(String line, List<String> broken) {
    private static final double SHARE_WANTED = 0.99;

    public static Verdict of(RunResult result) {
        return new Verdict(line(result), broken(result));
    }

    /** With what else was looked at: figures for the line, and sentences of what is wrong. */
    public Verdict and(String figures, List<String> alsoBroken) {
        List<String> all = new ArrayList<>(broken);
        all.addAll(alsoBroken);
        return new Verdict(line + " " + figures, List.copyOf(all));
    }

    public boolean passed() {
        return broken.isEmpty();
    }

    private static String line(RunResult result) {
        Stretch whole = result.whole();
        Findings publishes = whole.publishes();
        Findings receives = whole.receives();
        return String.format(
                Locale.ROOT,
                "verdict: episodes=%d requests=%d failed=%d executed-twice=%d"
                        + " published=%d refused=%d lost=%d duplicated=%d reordered=%d"
                        + " received=%d received-lost=%d received-duplicated=%d received-reordered=%d"
                        + " worst-request-ms=%.1f in-doubt=%d",
                result.episodes().size(),
                whole.requests(),
                whole.failed(),
                result.executedTwice(),
                publishes.published(),
                publishes.refused(),
                publishes.lost(),
                publishes.duplicated(),
                publishes.reordered(),
                receives.delivered(),
                receives.lost(),
                receives.duplicated(),
                receives.reordered(),
                result.judged().worstRequestMs(),
                result.client().publishesInDoubt());
    }

    private static List<String> broken(RunResult result) {
        List<String> broken = new ArrayList<>(result.troubles());
        if (result.episodes().size() < result.episodesWanted()) {
            broken.add(result.episodes().size() + " of " + result.episodesWanted() + " episodes were played");
        }
        addBrokenRequests(broken, result);
        addBrokenPublishes(broken, result);
        addBrokenReceives(broken, result.whole().receives());
        if (result.shareSent() < SHARE_WANTED) {
            broken.add(String.format(
                    Locale.ROOT,
                    "only %.1f %% of the schedule was sent, wanted %.0f %%",
                    100 * result.shareSent(),
                    100 * SHARE_WANTED));
        }
        for (Episode.Judged judged : result.episodes()) {
            Episode episode = judged.episode();
            if (!episode.moved()) {
                broken.add("the client had not left " + episode.server() + " when that began to evict its clients");
            }
        }
        broken.addAll(result.defects());
        return List.copyOf(broken);
    }

    private static void addBrokenRequests(List<String> broken, RunResult result) {
        long failed = result.whole().failed();
        if (failed > 0) {
            broken.add(failed + " requests failed (" + counted(result.failureReasons()) + ")");
        }
        if (result.executedTwice() > 0) {
            broken.add(result.executedTwice() + " requests were executed more than once");
        }
    }

    private static void addBrokenPublishes(List<String> broken, RunResult result) {
        Findings publishes = result.whole().publishes();
        if (publishes.refused() > 0) {
            broken.add(publishes.refused() + " publishes were refused (" + counted(result.refusalReasons()) + ")");
        }
        if (publishes.lost() > 0) {
            broken.add(publishes.lost() + " accepted publishes did not reach every receiver");
        }
        if (publishes.duplicated() > 0) {
            broken.add(publishes.duplicated() + " publishes reached a receiver twice");
        }
        if (publishes.reordered() > 0) {
            broken.add(publishes.reordered() + " publishes reached a receiver behind a later one");
        }
    }

    private static void addBrokenReceives(List<String> broken, Findings receives) {
        if (receives.lost() > 0) {
            broken.add(receives.lost() + " messages did not reach the client's handler");
        }
        if (receives.duplicated() > 0) {
            broken.add(receives.duplicated() + " messages reached the client's handler twice");
        }
        if (receives.reordered() > 0) {
            broken.add(receives.reordered() + " messages reached the client's handler behind a later one");
        }
    }

    private static String counted(Map<String, Long> reasons) {
        return reasons.entrySet().stream()
                .map(reason -> reason.getValue() + " × " + reason.getKey())
                .collect(Collectors.joining(", "));
    }
}
