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
        return String.format(
                Locale.ROOT,
                "verdict: episodes=%d requests=%d failed=%d published=%d lost=%d duplicated=%d reordered=%d"
                        + " worst-request-ms=%.1f in-doubt=%d",
                result.episodes().size(),
                result.requests(),
                result.failed(),
                result.findings().published(),
                result.findings().lost(),
                result.findings().duplicated(),
                result.findings().reordered(),
                result.worstRequestMs(),
                result.inDoubt());
    }

    private static List<String> broken(RunResult result) {
        List<String> broken = new ArrayList<>(result.troubles());
        if (result.episodes().size() < result.episodesWanted()) {
            broken.add(result.episodes().size() + " of " + result.episodesWanted() + " episodes were played");
        }
        if (result.failed() > 0) {
            broken.add(result.failed() + " requests failed (" + counted(result.failureReasons()) + ")");
        }
        if (result.findings().lost() > 0) {
            broken.add(result.findings().lost() + " accepted publishes did not reach every receiver");
        }
        if (result.shareSent() < SHARE_WANTED) {
            String refused = result.refusalReasons().isEmpty()
                    ? ""
                    : ", publishes refused (" + counted(result.refusalReasons()) + ")";
            broken.add(String.format(
                    Locale.ROOT,
                    "only %.1f %% of the schedule was sent, wanted %.0f %%%s",
                    100 * result.shareSent(),
                    100 * SHARE_WANTED,
                    refused));
        }
        for (Episode.Judged judged : result.episodes()) {
            Episode episode = judged.episode();
            if (!episode.moved()) {
                broken.add("the client did not leave " + episode.server() + " before that exited");
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
