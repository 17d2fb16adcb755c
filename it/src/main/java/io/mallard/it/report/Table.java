package io.mallard.it.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A header and its rows, for a terminal or a Markdown file.
 *
 * <p>Threading: immutable.
 */
public record Table(List<String> header, List<List<String>> rows) {
    private static final String GAP = "  ";

    public Table {
        header = List.copyOf(header);
        rows = List.copyOf(rows);
        for (List<String> row : rows) {
            if (row.size() != header.size()) {
                throw new IllegalArgumentException(row.size() + " cells under " + header.size() + " headers: " + row);
            }
        }
    }

    /** The first column is words and begins on the left; numbers end on the right. */
    public String text() {
        int[] widths = IntStream.range(0, header.size())
                .map(column -> lines().mapToInt(line -> line.get(column).length())
                        .max()
                        .orElseThrow())
                .toArray();
        return lines().map(line -> IntStream.range(0, widths.length)
                        .mapToObj(column -> padded(line.get(column), widths[column], column == 0))
                        .collect(Collectors.joining(GAP)))
                .collect(Collectors.joining("\n"));
    }

    public String markdown() {
        String rule = "|---" + "|---:".repeat(header.size() - 1) + "|";
        return Stream.concat(Stream.of(markdown(header), rule), rows.stream().map(Table::markdown))
                .collect(Collectors.joining("\n"));
    }

    private Stream<List<String>> lines() {
        return Stream.concat(Stream.of(header), rows.stream());
    }

    private static String markdown(List<String> cells) {
        return cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |"));
    }

    private static String padded(String cell, int width, boolean left) {
        String blanks = " ".repeat(width - cell.length());
        return left ? cell + blanks : blanks + cell;
    }
}
