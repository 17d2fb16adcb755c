package io.mallard.it.chaos;

import io.mallard.it.report.Environment;
import io.mallard.it.report.Table;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A chaos run as one HTML file that needs nothing else: verdict, what came of each kind and of each fault, plan and environment.
 *
 * <p>Threading: stateless.
 */
final class ChaosPage {
    private static final String TEMPLATE = "/io/mallard/it/chaos/chaos.html";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern EMPHASIS = Pattern.compile("\\*([^*]+)\\*");

    private ChaosPage() {}

    static void write(Path file, ChaosResult result, Environment environment) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Files.writeString(file, html(result, environment));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report " + file, e);
        }
    }

    static String html(ChaosResult result, Environment environment) throws IOException {
        return PLACEHOLDER.matcher(template()).replaceAll(placeholder -> {
            String value = value(placeholder.group(1), result, environment);
            return Matcher.quoteReplacement(value);
        });
    }

    private static String value(String placeholder, ChaosResult result, Environment environment) {
        return switch (placeholder) {
            case "outcome" -> result.isPassed() ? "passed" : "broken";
            case "verdict" -> escape(result.verdictLine());
            case "broken" -> elements("li", result.broken());
            case "note" -> EMPHASIS.matcher(escape(ChaosTables.NOTE)).replaceAll("<em>$1</em>");
            case "kinds" -> {
                List<List<String>> rows = ChaosTables.byKind(result).rows();
                yield table(
                        "kinds",
                        ChaosTables.byKind(result),
                        row -> !rows.get(row).get(2).equals(rows.get(row).get(3)));
            }
            case "faults" -> table("faults", ChaosTables.everyFault(result), row -> ChaosTables.isBroken(result, row));
            case "plan" -> escape(result.plan().text());
            case "environment" ->
                environment.facts().entrySet().stream()
                        .map(fact -> elements("dt", List.of(fact.getKey())) + elements("dd", List.of(fact.getValue())))
                        .collect(Collectors.joining("\n"));
            default -> throw new IllegalStateException("the template wants " + placeholder);
        };
    }

    private static String table(String name, Table table, IntPredicate isBroken) {
        String rows = IntStream.range(0, table.rows().size())
                .mapToObj(row -> "<tr class=\"" + (isBroken.test(row) ? "broken" : "kept") + "\">"
                        + elements("td", table.rows().get(row)) + "</tr>\n")
                .collect(Collectors.joining());
        return "<div class=\"scroll\"><table class=\"" + name + "\">\n<thead><tr>" + elements("th", table.header())
                + "</tr></thead>\n<tbody>\n" + rows + "</tbody>\n</table></div>\n";
    }

    private static String elements(String tag, List<String> texts) {
        return texts.stream()
                .map(text -> "<" + tag + ">" + escape(text) + "</" + tag + ">")
                .collect(Collectors.joining());
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String template() throws IOException {
        try (InputStream in = ChaosPage.class.getResourceAsStream(TEMPLATE)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + TEMPLATE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
