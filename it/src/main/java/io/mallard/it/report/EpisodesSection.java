package io.mallard.it.report;

import io.mallard.it.run.RunResult;
import io.mallard.it.run.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A run of many episodes as a section of the results file, one per server generation.
 *
 * <p>Threading: stateless.
 */
public final class EpisodesSection {
    private EpisodesSection() {}

    public static void write(Path file, RunResult result, Verdict verdict, Environment environment) {
        ResultsFile.write(file, name(environment), markdown(result, verdict, environment));
    }

    static String name(Environment environment) {
        return "episodes " + environment.serverGeneration();
    }

    static String markdown(RunResult result, Verdict verdict, Environment environment) {
        return String.join(
                "\n\n",
                "## " + result.episodes().size() + " episodes in a row, nats-server " + environment.serverGeneration()
                        + ": " + (verdict.passed() ? "passed" : "broken"),
                "```\n" + verdict.line() + "\n```",
                broken(verdict.broken()),
                environment.markdown(),
                SwapCostTable.of(result.swapCost()).markdown(),
                "*Added* is the second from the lame-duck signal less a calm second of the same episode: the client on its new"
                        + " server, the old one still up, the judge doing the same. The 95 % interval is that of the median"
                        + " over the episodes.",
                "<details><summary>Every episode</summary>",
                new Table(EpisodeTable.HEADER, EpisodeTable.of(result).rows()).markdown(),
                "Right of *published*: what became of the client's publishes. Right of *received*: of the messages it was sent.",
                "</details>");
    }

    private static String broken(List<String> sentences) {
        return sentences.isEmpty()
                ? "Nothing failed, nothing was refused, lost, repeated or out of order, in either direction."
                : sentences.stream().map(sentence -> "- " + sentence).collect(Collectors.joining("\n"));
    }
}
