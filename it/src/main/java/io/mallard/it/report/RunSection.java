package io.mallard.it.report;

import io.mallard.it.run.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run as a section of the results file, one per command and server generation.
 *
 * <p>Threading: immutable.
 *
 * @param command whose section it is
 * @param title what was run
 * @param blocks what the command has to say beyond the verdict, above the table of the episodes
 */
public record RunSection(String command, String title, List<String> blocks) {
    public void write(Path file, Outcome outcome) {
        ResultsFile.write(file, command + " " + outcome.environment().serverGeneration(), markdown(outcome));
    }

    String markdown(Outcome outcome) {
        Verdict verdict = outcome.verdict();
        Environment environment = outcome.environment();
        Stream<String> head = Stream.of(
                "## " + title + ", nats-server " + environment.serverGeneration() + ": "
                        + (verdict.passed() ? "passed" : "broken"),
                "```\n" + verdict.line() + "\n```",
                broken(verdict.broken()),
                environment.markdown());
        Stream<String> episodes = Stream.of(
                "<details><summary>Every episode</summary>",
                new Table(EpisodeTable.HEADER, EpisodeTable.of(outcome.result()).rows()).markdown(),
                "Right of *published*: what became of the client's publishes. Right of *received*: of the messages it was sent.",
                "</details>");
        return Stream.of(head, blocks.stream(), episodes).flatMap(part -> part).collect(Collectors.joining("\n\n"));
    }

    private static String broken(List<String> sentences) {
        return sentences.isEmpty()
                ? "Nothing failed, nothing was refused, lost, repeated or out of order, in either direction."
                : sentences.stream().map(sentence -> "- " + sentence).collect(Collectors.joining("\n"));
    }
}
