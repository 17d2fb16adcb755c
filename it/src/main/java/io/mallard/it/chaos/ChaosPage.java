package io.mallard.it.chaos;

import io.mallard.it.report.Environment;
import io.mallard.it.report.HtmlPage;
import java.nio.file.Path;
import java.util.List;

/**
 * A chaos run as one HTML file that needs nothing else: verdict, what came of each kind and of each fault, plan and environment.
 *
 * <p>Threading: stateless.
 */
final class ChaosPage {
    private static final String TEMPLATE = "/io/mallard/it/chaos/chaos.html";

    private ChaosPage() {}

    static void write(Path file, ChaosResult result, Environment environment) {
        HtmlPage.write(file, HtmlPage.fill(TEMPLATE, placeholder -> value(placeholder, result, environment)));
    }

    private static String value(String placeholder, ChaosResult result, Environment environment) {
        return switch (placeholder) {
            case "outcome" -> result.isPassed() ? "passed" : "broken";
            case "verdict" -> HtmlPage.escape(result.verdictLine());
            case "broken" -> HtmlPage.elements("li", result.broken());
            case "note" -> HtmlPage.emphasized(ChaosTables.NOTE);
            case "kinds" -> {
                List<List<String>> rows = ChaosTables.byKind(result).rows();
                yield HtmlPage.table(
                        "kinds",
                        ChaosTables.byKind(result),
                        row -> rowClass(
                                !rows.get(row).get(2).equals(rows.get(row).get(3))));
            }
            case "faults" ->
                HtmlPage.table(
                        "faults", ChaosTables.everyFault(result), row -> rowClass(ChaosTables.isBroken(result, row)));
            case "timeline" -> ChaosTimeline.svg(result);
            case "plan" -> HtmlPage.escape(result.plan().text());
            case "environment" -> HtmlPage.facts(environment);
            default -> throw new IllegalStateException("the template wants " + placeholder);
        };
    }

    private static String rowClass(boolean isBroken) {
        return isBroken ? "broken" : "kept";
    }
}
