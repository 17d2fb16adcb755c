package io.mallard.it.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mallard.HandoverReport;
import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.Percentiles;
import io.mallard.it.run.Episode;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Verdict;
import io.mallard.it.soak.Flatness;
import io.mallard.it.soak.Gauge;
import io.mallard.it.soak.ProcessFigures;
import io.mallard.it.targets.Target;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

    private static final int MAX_POINTS = 6000;
    private static final JsonMapper JSON = new JsonMapper();

    private HtmlReport() {}

    /** The report of a run; targets are shown if there are any. */
    public static void write(Path file, Outcome outcome, List<Target> targets) {
        HtmlPage.write(file, html(outcome, targets, List.of()));
    }

    /** The report of a run whose process was watched. */
    public static void writeSoak(Path file, Outcome outcome, List<ProcessFigures> process) {
        HtmlPage.write(file, html(outcome, List.of(), process));
    }

    private static String html(Outcome outcome, List<Target> targets, List<ProcessFigures> process) {
        return HtmlPage.fill(TEMPLATE, placeholder -> value(placeholder, outcome, targets, process));
    }

    private static String value(
            String placeholder, Outcome outcome, List<Target> targets, List<ProcessFigures> process) {
        RunResult result = outcome.result();
        Verdict verdict = outcome.verdict();
        return switch (placeholder) {
            case "uplotCss" -> withoutComments(HtmlPage.resource(UPLOT + "uPlot.min.css"));
            case "uplotJs" -> withoutComments(HtmlPage.resource(UPLOT + "uPlot.iife.min.js"));
            case "outcome" -> verdict.passed() ? "passed" : "broken";
            case "verdict" -> HtmlPage.escape(verdict.line());
            case "broken" -> HtmlPage.elements("li", verdict.broken());
            case "judgedFrom" -> String.format(Locale.ROOT, "%.0f", result.judgedFromSeconds());
            case "markers" -> markers(result.episodes());
            case "targets" -> targets(targets);
            case "process" -> process(process);
            case "sample" -> 100 * samplesPerPoint(result.requestLatencies()) + " ms";
            case "latencies" -> HtmlPage.table("latencies", LatencyTable.of(result.latencies()), row -> "");
            case "latencyNote" -> HtmlPage.emphasized(LatencyTable.NOTE);
            case "episodes" ->
                HtmlPage.table(
                        "episodes",
                        new Table(EpisodeTable.HEADER, EpisodeTable.of(result).rows()),
                        row -> "");
            case "ledgers" -> ledgers(result.client().ledgers());
            case "environment" -> HtmlPage.facts(outcome.environment());
            case "data" -> json(result, process);
            default -> throw new IllegalStateException("the template wants " + placeholder);
        };
    }

    /** A section of their own, or nothing. */
    private static String targets(List<Target> targets) {
        if (targets.isEmpty()) {
            return "";
        }
        return "<h2>Targets</h2>\n<p>What the run is to reach beyond keeping its promise. They do not decide the verdict.</p>\n"
                + HtmlPage.table(
                        "targets",
                        TargetTable.of(targets),
                        row -> targets.get(row).standing().name().toLowerCase(Locale.ROOT));
    }

    /** A section of their own, or nothing. */
    private static String ledgers(List<HandoverReport> ledgers) {
        if (ledgers.isEmpty()) {
            return "";
        }
        return "<h2>What the client says</h2>\n<p>Its own ledger of each lame duck, beside what the judge has seen.</p>\n"
                + HtmlPage.table("ledgers", LedgerTable.of(ledgers), row -> "");
    }

    /** A section of its own, or nothing. */
    private static String process(List<ProcessFigures> process) {
        if (process.isEmpty()) {
            return "";
        }
        Flatness flatness = Flatness.of(process);
        String judged = flatness.isJudged()
                ? HtmlPage.table(
                        "process",
                        ProcessTable.of(flatness),
                        row -> flatness.trends().get(row).isFlat() ? "holds" : "does_not_hold")
                : "<p>The run was too short to say whether its process grows.</p>\n";
        String plots = gauges(process)
                .map(gauge -> "<div class=\"gauge\"><h3>" + HtmlPage.escape(gauge.label())
                        + "</h3><div class=\"plot\" id=\"" + gauge.name() + "\"></div></div>\n")
                .collect(Collectors.joining());
        return "<h2>The process</h2>\n<p>" + HtmlPage.emphasized(ProcessTable.NOTE) + "</p>\n" + judged
                + "<div class=\"gauges\">\n" + plots + "</div>\n";
    }

    /** Those that were measured. */
    private static Stream<Gauge> gauges(List<ProcessFigures> process) {
        return Arrays.stream(Gauge.values())
                .filter(gauge ->
                        process.stream().allMatch(figures -> figures.values().containsKey(gauge)));
    }

    /** One element per lame-duck moment; the page's script moves each to its time. */
    private static String markers(List<Episode.Judged> episodes) {
        return episodes.stream()
                .map(Episode.Judged::episode)
                .map(episode -> String.format(
                        Locale.ROOT,
                        "<div class=\"lame-duck\" data-at=\"%.3f\"><span>%s</span></div>%n",
                        episode.lameDuckAtSeconds(),
                        HtmlPage.escape(episode.server())))
                .collect(Collectors.joining());
    }

    private static String json(RunResult result, List<ProcessFigures> process) {
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
                "receives", columns(result.receiveDelays()),
                "process", columnsOf(process));
        try {
            // Inside a script element nothing but the end tag matters.
            return JSON.writeValueAsString(data).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers that are no JSON", e);
        }
    }

    private static Map<String, Object> columnsOf(List<ProcessFigures> process) {
        Map<String, Object> columns = new LinkedHashMap<>();
        columns.put(
                "at",
                process.stream().map(figures -> rounded(figures.atSeconds())).toList());
        gauges(process)
                .forEach(gauge -> columns.put(
                        gauge.name(),
                        process.stream()
                                .map(figures ->
                                        rounded(gauge.inUnits(figures.values().getOrDefault(gauge, 0.0))))
                                .toList()));
        return columns;
    }

    /** One for every point of a plot, or more: a page cannot draw all samples of an hour. */
    private static int samplesPerPoint(List<Sample> samples) {
        return 1 + (samples.size() - 1) / MAX_POINTS;
    }

    /** Of the samples of a point the worst, and of their medians the median. */
    private static Map<String, List<@Nullable Double>> columns(List<Sample> samples) {
        int size = samplesPerPoint(samples);
        List<List<Sample>> points = IntStream.iterate(0, begin -> begin < samples.size(), begin -> begin + size)
                .mapToObj(begin -> samples.subList(begin, Math.min(samples.size(), begin + size)))
                .toList();
        return Map.of(
                "at",
                        points.stream()
                                .<@Nullable Double>map(point ->
                                        rounded(point.get(point.size() - 1).atSeconds()))
                                .toList(),
                "p50", column(points, Percentiles::p50Ms, sorted -> sorted[sorted.length / 2]),
                "p99", column(points, Percentiles::p99Ms, sorted -> sorted[sorted.length - 1]),
                "max", column(points, Percentiles::maxMs, sorted -> sorted[sorted.length - 1]));
    }

    /** A point without latencies is a gap in the line. */
    private static List<@Nullable Double> column(
            List<List<Sample>> points, ToDoubleFunction<Percentiles> value, ToDoubleFunction<double[]> chosen) {
        return points.stream()
                .<@Nullable Double>map(point -> {
                    double[] sorted = point.stream()
                            .map(Sample::latencies)
                            .filter(latencies -> latencies.count() > 0)
                            .mapToDouble(value)
                            .sorted()
                            .toArray();
                    return sorted.length == 0 ? null : rounded(chosen.applyAsDouble(sorted));
                })
                .toList();
    }

    private static double rounded(double value) {
        return Math.round(value * 1e3) / 1e3;
    }

    private static String withoutComments(String source) {
        return COMMENT.matcher(source).replaceAll("");
    }
}
