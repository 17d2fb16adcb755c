package io.mallard.it.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What every report is made of: one HTML file that needs nothing else, for light and dark, for a desk and a phone.
 *
 * <p>A template has a placeholder <code>{{name}}</code> for whatever is different in each; {@code {{style}}} is the same in all,
 * and so is {@code {{colours}}}, for what needs nothing else of it.
 *
 * <p>Threading: stateless.
 */
public final class HtmlPage {
    private static final String COLOURS = "/io/mallard/it/report/colours.css";
    private static final String STYLE = "/io/mallard/it/report/style.css";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern EMPHASIS = Pattern.compile("\\*([^*]+)\\*");

    private HtmlPage() {}

    /** The template, which is a resource, with the values of its placeholders. */
    public static String fill(String template, UnaryOperator<String> values) {
        return PLACEHOLDER.matcher(resource(template)).replaceAll(placeholder -> {
            String name = placeholder.group(1);
            return Matcher.quoteReplacement(
                    switch (name) {
                        case "colours" -> resource(COLOURS);
                        case "style" -> resource(COLOURS) + resource(STYLE);
                        default -> values.apply(name);
                    });
        });
    }

    public static void write(Path file, String html) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Files.writeString(file, html);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report " + file, e);
        }
    }

    /** The class of a row may be empty. */
    public static String table(String name, Table table, IntFunction<String> rowClass) {
        String rows = IntStream.range(0, table.rows().size())
                .mapToObj(row -> "<tr class=\"" + rowClass.apply(row) + "\">"
                        + elements("td", table.rows().get(row)) + "</tr>\n")
                .collect(Collectors.joining());
        return "<div class=\"scroll\"><table class=\"" + name + "\">\n<thead><tr>" + elements("th", table.header())
                + "</tr></thead>\n<tbody>\n" + rows + "</tbody>\n</table></div>\n";
    }

    /** A note as in the results file, where stars emphasize. */
    public static String emphasized(String note) {
        return EMPHASIS.matcher(escape(note)).replaceAll("<em>$1</em>");
    }

    /** Where it took place, as terms and what they are. */
    public static String facts(Environment environment) {
        return environment.facts().entrySet().stream()
                .map(fact -> elements("dt", List.of(fact.getKey())) + elements("dd", List.of(fact.getValue())))
                .collect(Collectors.joining("\n"));
    }

    public static String elements(String tag, List<String> texts) {
        return texts.stream()
                .map(text -> "<" + tag + ">" + escape(text) + "</" + tag + ">")
                .collect(Collectors.joining());
    }

    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    static String resource(String name) {
        try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
