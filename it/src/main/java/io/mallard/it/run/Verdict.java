package io.mallard.it.run;

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

    public boolean passed() {
        return broken.isEmpty();
    }

    private static String line(RunResult result) {
        Stretch whole = result.whole();
        return String.format(
                Locale.ROOT,
                "verdict: episodes=%d requests=%d failed=%d published=%d lost=%d duplicated=%d reordered=%d"
                        + " worst-request-ms=%.1f in-doubt=%d",
                result.episodes().size(),
                whole.requests(),
                whole.failed(),
                whole.findings().published(),
                whole.findings().lost(),
                whole.findings().duplicated(),
                whole.findings().reordered(),
                result.judged().worstRequestMs(),
                result.inDoubt());
    }

    private static List<String> broken(RunResult result) {
        Stretch whole = result.whole();
        List<String> broken = new ArrayList<>(result.troubles());
        if (result.episodes().size() < result.episodesWanted()) {
            broken.add(result.episodes().size() + " of " + result.episodesWanted() + " episodes were played");
        }
        if (whole.failed() > 0) {
            broken.add(whole.failed() + " requests failed (" + counted(result.failureReasons()) + ")");
        }
        if (whole.findings().refused() > 0) {
            broken.add(
                    whole.findings().refused() + " publishes were refused (" + counted(result.refusalReasons()) + ")");
        }
        if (whole.findings().lost() > 0) {
            broken.add(whole.findings().lost() + " accepted publishes did not reach every receiver");
        }
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
        return List.copyOf(broken);
    }

    private static String counted(Map<String, Long> reasons) {
        return reasons.entrySet().stream()
                .map(reason -> reason.getValue() + " × " + reason.getKey())
                .collect(Collectors.joining(", "));
    }
}
