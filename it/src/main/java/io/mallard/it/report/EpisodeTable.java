package io.mallard.it.report;

import io.mallard.it.judge.Findings;
import io.mallard.it.run.Episode;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Stretch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What became of the load, in a row for each episode and one each for the time before and between them, so that the rows add up to
 * the verdict; the same for the terminal, the HTML page and the results file. What is to the right of {@code published} is about what
 * the client published, what is to the right of {@code received} about what it was sent.
 *
 * <p>Threading: immutable.
 */
public record EpisodeTable(List<List<String>> rows) {
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
            "reordered",
            "received",
            "lost",
            "duplicated",
            "reordered");

    private static final String GAP = "  ";

    /** Room for a million and for the names of two servers. */
    private static final int MIN_WIDTH = 7;

    public static EpisodeTable of(RunResult result) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("warm-up", "-", "-", "-", result.warmUp()));
        for (Episode.Judged judged : result.episodes()) {
            rows.add(row(rows.size(), judged));
        }
        rows.add(row("rest", "-", "-", "-", result.rest()));
        return new EpisodeTable(rows);
    }

    /** The rows of the episodes in which something broke, if there are any. */
    public static Optional<EpisodeTable> broken(RunResult result) {
        List<Episode.Judged> episodes = result.episodes();
        List<List<String>> rows = IntStream.range(0, episodes.size())
                .filter(i -> !episodes.get(i).isFlawless())
                .mapToObj(i -> row(i + 1, episodes.get(i)))
                .toList();
        return rows.isEmpty() ? Optional.empty() : Optional.of(new EpisodeTable(rows));
    }

    /** The row of one episode. */
    static List<String> row(int number, Episode.Judged judged) {
        Episode episode = judged.episode();
        return row(
                String.valueOf(number),
                episode.server() + " → " + episode.movedTo(),
                String.valueOf(episode.loggedMs()),
                episode.moved() ? String.valueOf(episode.moveMs()) : "-",
                judged.stretch());
    }

    private static List<String> row(String name, String moved, String loggedMs, String moveMs, Stretch stretch) {
        Findings publishes = stretch.publishes();
        Findings receives = stretch.receives();
        return List.of(
                name,
                moved,
                loggedMs,
                moveMs,
                String.valueOf(stretch.requests()),
                String.valueOf(stretch.failed()),
                String.format(Locale.ROOT, "%.1f", stretch.worstRequestMs()),
                String.valueOf(publishes.published()),
                String.valueOf(publishes.refused()),
                String.valueOf(publishes.lost()),
                String.valueOf(publishes.duplicated()),
                String.valueOf(publishes.reordered()),
                String.valueOf(receives.delivered()),
                String.valueOf(receives.lost()),
                String.valueOf(receives.duplicated()),
                String.valueOf(receives.reordered()));
    }

    public String text() {
        return Stream.concat(Stream.of(HEADER), rows.stream())
                .map(EpisodeTable::line)
                .collect(Collectors.joining("\n"));
    }

    /** A row, or the header, as wide as any other: it can be printed before the next one is known. */
    static String line(List<String> cells) {
        return IntStream.range(0, cells.size())
                .mapToObj(column -> padded(cells.get(column), HEADER.get(column).length()))
                .collect(Collectors.joining(GAP));
    }

    private static String padded(String cell, int headerWidth) {
        return " ".repeat(Math.max(0, Math.max(headerWidth, MIN_WIDTH) - cell.length())) + cell;
    }
}
