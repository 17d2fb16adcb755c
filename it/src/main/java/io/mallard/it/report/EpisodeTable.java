package io.mallard.it.report;

import io.mallard.it.judge.Findings;
import io.mallard.it.run.Episode;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Stretch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What became of the load, in a row for each episode and one each for the time before and between them, so that the rows add up to
 * the verdict; the same for the terminal and the HTML page.
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
            "refused",
            "lost",
            "duplicated",
            "reordered");

    private static final String GAP = "  ";

    static EpisodeTable of(RunResult result) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("warm-up", "-", "-", "-", result.warmUp()));
        for (Episode.Judged judged : result.episodes()) {
            Episode episode = judged.episode();
            rows.add(row(
                    String.valueOf(rows.size()),
                    episode.server() + " → " + episode.movedTo(),
                    String.valueOf(episode.loggedMs()),
                    episode.moved() ? String.valueOf(episode.moveMs()) : "-",
                    judged.stretch()));
        }
        rows.add(row("rest", "-", "-", "-", result.rest()));
        return new EpisodeTable(rows);
    }

    private static List<String> row(String name, String moved, String loggedMs, String moveMs, Stretch stretch) {
        Findings findings = stretch.findings();
        return List.of(
                name,
                moved,
                loggedMs,
                moveMs,
                String.valueOf(stretch.requests()),
                String.valueOf(stretch.failed()),
                String.format(Locale.ROOT, "%.1f", stretch.worstRequestMs()),
                String.valueOf(findings.published()),
                String.valueOf(findings.refused()),
                String.valueOf(findings.lost()),
                String.valueOf(findings.duplicated()),
                String.valueOf(findings.reordered()));
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
