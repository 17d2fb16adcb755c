package io.mallard.it.report;

import io.mallard.it.judge.Findings;
import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.Percentiles;
import io.mallard.it.run.Episode;
import io.mallard.it.run.RunResult;
import io.mallard.it.run.Stretch;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The request latency of a run as an SVG file, for a page that runs no script: with the lame-duck moments, the requests that failed and
 * what was lost. Milliseconds have the same place in every picture, and seconds in those of short runs, so that two can be compared.
 *
 * <p>Threading: stateless.
 */
public final class LatencyPicture {
    private static final String TEMPLATE = "/io/mallard/it/report/latency.svg";

    /** Where the plot is in the picture. */
    private static final double LEFT = 58;

    private static final double RIGHT = 616;
    private static final double TOP = 56;
    private static final double BOTTOM = 220;

    private static final double LEAST_MS = 0.1;
    private static final double MOST_MS = 10_000;
    private static final double LEAST_SECONDS = 30;
    private static final double STEP_SECONDS = 5;

    private final RunResult result;
    private final double endSeconds;

    private LatencyPicture(RunResult result) {
        this.result = result;
        this.endSeconds = result.requestLatencies().stream()
                .mapToDouble(Sample::atSeconds)
                .reduce(LEAST_SECONDS, Math::max);
    }

    public static void write(Path file, String client, Outcome outcome) {
        LatencyPicture picture = new LatencyPicture(outcome.result());
        HtmlPage.write(file, HtmlPage.fill(TEMPLATE, placeholder -> picture.value(placeholder, client, outcome)));
    }

    private String value(String placeholder, String client, Outcome outcome) {
        Stretch whole = result.whole();
        return switch (placeholder) {
            case "client" -> HtmlPage.escape(client);
            case "title" ->
                HtmlPage.escape(client + " while the servers of a cluster leave. "
                        + String.join(", ", outcome.environment().facts().values()) + ". "
                        + outcome.verdict().line());
            case "grid" -> warmUp() + rows() + columns();
            case "ducks" -> ducks();
            case "median" -> line(Percentiles::p50Ms);
            case "worst" -> line(Percentiles::maxMs);
            case "failed" -> failed();
            case "answered" -> whole.failed() == 0 ? "kept" : "broken";
            case "arrived" -> whole.publishes().isFlawless() && whole.receives().isFlawless() ? "kept" : "broken";
            case "requests" ->
                String.format(
                        Locale.ROOT,
                        "%,d requests: %,d failed; the worst after the warm-up took %,.0f ms",
                        whole.requests(),
                        whole.failed(),
                        result.judged().worstRequestMs());
            case "messages" -> said("published", whole.publishes()) + "; " + said("sent to it", whole.receives());
            default -> throw new IllegalStateException("the template wants " + placeholder);
        };
    }

    private static String said(String what, Findings findings) {
        return String.format(
                Locale.ROOT,
                "%,d %s: %,d lost, %,d repeated",
                findings.published(),
                what,
                findings.lost(),
                findings.duplicated());
    }

    private String warmUp() {
        return String.format(
                Locale.ROOT,
                "<rect class=\"warm-up\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
                        + "<text x=\"%.1f\" y=\"%.1f\">warm-up</text>%n",
                LEFT,
                TOP,
                x(result.judgedFromSeconds()) - LEFT,
                BOTTOM - TOP,
                LEFT + 3,
                BOTTOM - 5);
    }

    private static String rows() {
        return DoubleStream.iterate(LEAST_MS, ms -> ms <= MOST_MS, ms -> ms * 10)
                .mapToObj(ms -> String.format(
                        Locale.ROOT,
                        "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text class=\"left\" x=\"%.1f\" y=\"%.1f\">%s</text>%n",
                        LEFT,
                        y(ms),
                        RIGHT,
                        LEFT - 7,
                        y(ms) + 4,
                        ms < 1_000 ? number(ms) + " ms" : number(ms / 1_000) + " s"))
                .collect(Collectors.joining());
    }

    private String columns() {
        return DoubleStream.iterate(0, at -> at <= endSeconds, at -> at + STEP_SECONDS)
                .mapToObj(at -> String.format(
                        Locale.ROOT,
                        "<text class=\"below\" x=\"%.1f\" y=\"%.1f\">%.0f s</text>%n",
                        x(at),
                        BOTTOM + 17,
                        at))
                .collect(Collectors.joining());
    }

    private String ducks() {
        return result.episodes().stream()
                .map(Episode.Judged::episode)
                .map(episode -> String.format(
                        Locale.ROOT,
                        "<path class=\"duck\" d=\"M%1$.1f %2$.1fV%3$.1f\"/>"
                                + "<text class=\"duck\" x=\"%1$.1f\" y=\"%4$.1f\">%5$s leaves</text>%n",
                        x(episode.lameDuckAtSeconds()),
                        TOP,
                        BOTTOM,
                        TOP - 6,
                        HtmlPage.escape(episode.server())))
                .collect(Collectors.joining());
    }

    /** A sample without latencies is a gap. */
    private String line(ToDoubleFunction<Percentiles> value) {
        List<Sample> samples = result.requestLatencies();
        return IntStream.range(0, samples.size())
                .filter(i -> samples.get(i).latencies().count() > 0)
                .mapToObj(i -> String.format(
                        Locale.ROOT,
                        "%s%.1f %.1f",
                        i > 0 && samples.get(i - 1).latencies().count() > 0 ? "L" : "M",
                        x(samples.get(i).atSeconds()),
                        y(value.applyAsDouble(samples.get(i).latencies()))))
                .collect(Collectors.joining());
    }

    /** Those in the same place are one dot. */
    private String failed() {
        return result.failures().stream().map(this::dot).distinct().collect(Collectors.joining());
    }

    private String dot(FailedRequest request) {
        return String.format(
                Locale.ROOT,
                "<circle class=\"failed\" cx=\"%.0f\" cy=\"%.0f\" r=\"2\"/>%n",
                x(request.atSeconds()),
                y(request.latencyMs()));
    }

    private double x(double seconds) {
        return LEFT + (RIGHT - LEFT) * seconds / endSeconds;
    }

    private static double y(double ms) {
        double inside = Math.max(LEAST_MS, Math.min(ms, MOST_MS));
        return BOTTOM - (BOTTOM - TOP) * Math.log10(inside / LEAST_MS) / Math.log10(MOST_MS / LEAST_MS);
    }

    private static String number(double value) {
        return value < 1 ? String.format(Locale.ROOT, "%.1f", value) : String.format(Locale.ROOT, "%.0f", value);
    }
}
