package io.mallard.it.report;

import io.mallard.it.run.Episode;
import io.mallard.it.run.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One row per episode, the same for the terminal and the HTML page.
 *
 * <p>Threading: immutable.
 */
record EpisodeTable(List<List<String>> rows) {
    static final List<String> HEADER = List.of(
            "episode",
            "moved",
            "ldm logged ms",
            "moved after ms",
            "requests",
            "failed",
            "worst ms",
            "published",
            "lost",
            "duplicated",
            "reordered");

    private static final String GAP = "  ";

    static EpisodeTable of(RunResult result) {
        List<List<String>> rows = new ArrayList<>();
        for (Episode.Judged judged : result.episodes()) {
            Episode episode = judged.episode();
            rows.add(List.of(
                    String.valueOf(rows.size() + 1),
                    episode.server() + " → " + episode.movedTo(),
                    String.valueOf(episode.loggedMs()),
                    episode.moved() ? String.valueOf(episode.moveMs()) : "-",
                    String.valueOf(episode.requests()),
                    String.valueOf(episode.failed()),
                    String.format(Locale.ROOT, "%.1f", episode.worstRequestMs()),
                    String.valueOf(judged.findings().published()),
                    String.valueOf(judged.findings().lost()),
                    String.valueOf(judged.findings().duplicated()),
                    String.valueOf(judged.findings().reordered())));
        }
        return new EpisodeTable(rows);
    }

    String text() {
        List<List<String>> lines = new ArrayList<>(List.of(HEADER));
        lines.addAll(rows);
        int[] widths = IntStream.range(0, HEADER.size())
                .map(column -> lines.stream()
                        .mapToInt(line -> line.get(column).length())
                        .max()
                        .orElseThrow())
                .toArray();
        return lines.stream()
                .map(line -> IntStream.range(0, widths.length)
                        .mapToObj(column ->
                                " ".repeat(widths[column] - line.get(column).length()) + line.get(column))
                        .collect(Collectors.joining(GAP)))
                .collect(Collectors.joining("\n"));
    }
}
