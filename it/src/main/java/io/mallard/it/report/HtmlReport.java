package io.mallard.it.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.Percentiles;
import io.mallard.it.run.Episode;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Verdict;
import io.mallard.it.targets.Target;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A run as one HTML file that needs nothing else: verdict, latency timeline with the lame-duck moments, table and environment.
 *
 * <p>Threading: stateless.
 */
public final class HtmlReport {
    private static final String TEMPLATE = "/io/mallard/it/report/report.html";
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    /** The only comment of the minified files names their author's site, which a page without links does not need. */
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);

    private static final Pattern EMPHASIS = Pattern.compile("\\*([^*]+)\\*");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");
    private static final JsonMapper JSON = new JsonMapper();

    private HtmlReport() {}

    /** The report of a run; targets are shown if there are any. */
    public static void write(Path file, Outcome outcome, List<Target> targets) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Files.writeString(file, html(outcome, targets));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report " + file, e);
        }
    }

    static String html(Outcome outcome, List<Target> targets) {
        return PLACEHOLDER.matcher(resource(TEMPLATE)).replaceAll(placeholder -> {
            String value = value(placeholder.group(1), outcome, targets);
            return Matcher.quoteReplacement(value);
        });
    }

    private static String value(String placeholder, Outcome outcome, List<Target> targets) {
        RunResult result = outcome.result();
        Verdict verdict = outcome.verdict();
        return switch (placeholder) {
            case "uplotCss" -> withoutComments(resource(UPLOT + "uPlot.min.css"));
            case "uplotJs" -> withoutComments(resource(UPLOT + "uPlot.iife.min.js"));
            case "outcome" -> verdict.passed() ? "passed" : "broken";
            case "verdict" -> escape(verdict.line());
            case "broken" -> elements("li", verdict.broken());
            case "judgedFrom" -> String.format(Locale.ROOT, "%.0f", result.judgedFromSeconds());
            case "markers" -> markers(result.episodes());
            case "targets" -> targets(targets);
            case "latencies" -> table("latencies", LatencyTable.of(result.latencies()), row -> "");
            case "latencyNote" -> emphasized(LatencyTable.NOTE);
            case "episodes" ->
                table(
                        "episodes",
                        new Table(EpisodeTable.HEADER, EpisodeTable.of(result).rows()),
                        row -> "");
            case "environment" -> facts(outcome.environment());
            case "data" -> json(result);
            default -> throw new IllegalStateException("the template wants " + placeholder);
        };
    }

    /** A section of their own, or nothing. */
    private static String targets(List<Target> targets) {
        if (targets.isEmpty()) {
            return "";
        }
        return "<h2>Targets</h2>\n<p>What the run is to reach beyond keeping its promise. They do not decide the verdict.</p>\n"
                + table(
                        "targets",
                        TargetTable.of(targets),
                        row -> targets.get(row).standing().name().toLowerCase(Locale.ROOT));
    }

    /** The class of a row may be empty. */
    private static String table(String name, Table table, IntFunction<String> rowClass) {
        String rows = IntStream.range(0, table.rows().size())
                .mapToObj(row -> "<tr class=\"" + rowClass.apply(row) + "\">"
                        + elements("td", table.rows().get(row)) + "</tr>\n")
                .collect(Collectors.joining());
        return "<div class=\"scroll\"><table class=\"" + name + "\">\n<thead><tr>" + elements("th", table.header())
                + "</tr></thead>\n<tbody>\n" + rows + "</tbody>\n</table></div>\n";
    }

    /** A note as in the results file, where stars emphasize. */
    private static String emphasized(String note) {
        return EMPHASIS.matcher(escape(note)).replaceAll("<em>$1</em>");
    }

    private static String facts(Environment environment) {
        return environment.facts().entrySet().stream()
                .map(fact -> elements("dt", List.of(fact.getKey())) + elements("dd", List.of(fact.getValue())))
                .collect(Collectors.joining("\n"));
    }

    /** One element per lame-duck moment; the page's script moves each to its time. */
    private static String markers(List<Episode.Judged> episodes) {
        return episodes.stream()
                .map(Episode.Judged::episode)
                .map(episode -> String.format(
                        Locale.ROOT,
                        "<div class=\"lame-duck\" data-at=\"%.3f\"><span>%s</span></div>%n",
                        episode.lameDuckAtSeconds(),
                        escape(episode.server())))
                .collect(Collectors.joining());
    }

    private static String json(RunResult result) {
        Map<String, Object> data = Map.of(
                "requests", columns(result.requestLatencies()),
                "failures",
                        Map.of(
                                "at",
                                result.failures().stream()
                                        .map(FailedRequest::atSeconds)
                                        .toList(),
                                "ms",
                                result.failures().stream()
                                        .map(FailedRequest::latencyMs)
                                        .toList()),
                "deliveries", columns(result.deliveryDelays()),
                "receives", columns(result.receiveDelays()));
        try {
            // Inside a script element nothing but the end tag matters.
            return JSON.writeValueAsString(data).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers that are no JSON", e);
        }
    }

    private static Map<String, List<@Nullable Double>> columns(List<Sample> samples) {
        return Map.of(
                "at", samples.stream().<@Nullable Double>map(Sample::atSeconds).toList(),
                "p50", column(samples, Percentiles::p50Ms),
                "p99", column(samples, Percentiles::p99Ms),
                "max", column(samples, Percentiles::maxMs));
    }

    /** A sample without latencies is a gap in the line. */
    private static List<@Nullable Double> column(List<Sample> samples, ToDoubleFunction<Percentiles> value) {
        return samples.stream()
                .<@Nullable Double>map(
                        sample -> sample.latencies().count() == 0 ? null : value.applyAsDouble(sample.latencies()))
                .toList();
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

    private static String withoutComments(String source) {
        return COMMENT.matcher(source).replaceAll("");
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
