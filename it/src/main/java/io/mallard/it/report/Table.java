package io.mallard.it.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A header and its rows, for a terminal or a Markdown file.
 *
 * <p>Threading: immutable.
 *
 * @param words so many columns are words and begin on the left; those behind them are numbers and end on the right
 */
public record Table(List<String> header, List<List<String>> rows, int words) {
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

    /** Words in the first column, numbers in all others. */
    public Table(List<String> header, List<List<String>> rows) {
        this(header, rows, 1);
    }

    public String text() {
        int[] widths = IntStream.range(0, header.size())
                .map(column -> lines().mapToInt(line -> line.get(column).length())
                        .max()
                        .orElseThrow())
                .toArray();
        return lines().map(line -> IntStream.range(0, widths.length)
                        .mapToObj(column -> padded(line.get(column), widths[column], column < words))
                        .collect(Collectors.joining(GAP))
                        .stripTrailing())
                .collect(Collectors.joining("\n"));
    }

    public String markdown() {
        String rule = "|---".repeat(words) + "|---:".repeat(header.size() - words) + "|";
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
