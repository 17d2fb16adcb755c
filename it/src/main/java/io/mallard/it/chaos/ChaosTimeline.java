package io.mallard.it.chaos;

import io.mallard.it.report.HtmlPage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * When which fault was, as a picture: a row for each kind, in it a bar from each fault to the moment when all was well again, and in that bar
 * the part in which not everything flowed.
 *
 * <p>Threading: stateless.
 */
final class ChaosTimeline {
    private static final int WIDTH = 1000;
    private static final int LABELS = 210;
    private static final int ROW = 22;
    private static final int AXIS = 24;
    private static final int MARKS = 6;

    private ChaosTimeline() {}

    static String svg(ChaosResult result) {
        List<Struck> struck = result.struck();
        if (struck.isEmpty()) {
            return "";
        }
        long firstNs = struck.get(0).beganNs();
        double spanNs = struck.stream()
                .mapToLong(each -> each.endedNs() - firstNs)
                .max()
                .orElse(1);
        List<FaultKind> kinds = Arrays.stream(FaultKind.values())
                .filter(kind -> struck.stream().anyMatch(each -> each.fault().kind() == kind))
                .toList();
        int height = kinds.size() * ROW + AXIS;
        String rows = IntStream.range(0, kinds.size())
                .mapToObj(row -> row(kinds.get(row), row, result, firstNs, spanNs))
                .collect(Collectors.joining());
        return String.format(
                Locale.ROOT,
                "<div class=\"scroll\"><svg class=\"timeline\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"faults over time\">%n%s%s</svg></div>%n",
                WIDTH,
                height,
                rows,
                axis(spanNs, height));
    }

    private static String row(FaultKind kind, int row, ChaosResult result, long firstNs, double spanNs) {
        int y = row * ROW;
        String bars = IntStream.range(0, result.struck().size())
                .filter(i -> result.struck().get(i).fault().kind() == kind)
                .mapToObj(i -> bar(result, i, y, firstNs, spanNs))
                .collect(Collectors.joining());
        return String.format(
                        Locale.ROOT,
                        "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
                        LABELS,
                        WIDTH,
                        y + ROW,
                        y + ROW,
                        0,
                        y + ROW - 6,
                        HtmlPage.escape(kind.toString()))
                + bars;
    }

    private static String bar(ChaosResult result, int i, int y, long firstNs, double spanNs) {
        Struck struck = result.struck().get(i);
        double from = x(struck.beganNs() - firstNs, spanNs);
        double to = x(struck.endedNs() - firstNs, spanNs);
        double back = x(struck.recoveredNs() - firstNs, spanNs);
        return String.format(
                Locale.ROOT,
                "<g class=\"%s\"><title>%s</title><rect class=\"whole\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
                        + "<rect class=\"away\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/></g>%n",
                ChaosTables.isBroken(result, i) ? "broken" : "kept",
                HtmlPage.escape(struck.toString()),
                from,
                y + 5,
                Math.max(2, to - from),
                ROW - 9,
                from,
                y + 5,
                Math.max(2, Math.min(back, to) - from),
                ROW - 9);
    }

    private static String axis(double spanNs, int height) {
        return IntStream.rangeClosed(0, MARKS)
                .mapToObj(mark -> String.format(
                        Locale.ROOT,
                        "<text class=\"mark\" x=\"%.1f\" y=\"%d\">%.0f s</text>%n",
                        x((long) (spanNs * mark / MARKS), spanNs),
                        height - 6,
                        spanNs * mark / MARKS / 1e9))
                .collect(Collectors.joining());
    }

    private static double x(long afterNs, double spanNs) {
        return LABELS + (WIDTH - LABELS - 30) * afterNs / spanNs;
    }
}
