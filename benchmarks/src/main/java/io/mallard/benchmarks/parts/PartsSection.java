package io.mallard.benchmarks.parts;

import io.mallard.it.report.Environment;
import io.mallard.it.report.ResultsFile;
import io.mallard.it.report.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What JMH has measured in one table, for the terminal and the results file.
 *
 * <p>Threading: immutable.
 */
record PartsSection(Collection<RunResult> results) {
    private static final List<String> HEADER = List.of("", "with", "", "± 99.9 %", "unit", "bytes allocated");
    private static final int WORDS = 2;
    private static final String BYTES_ALLOCATED = "gc.alloc.rate.norm";
    private static final String NOTE = """
            One fork each, one after the other, as JMH does it: what a table above compares is compared there. Bytes are per \
            operation. Of `RequestBufferMemory` the time is that of all its requests, and a line of its own says what each holds \
            while it waits. Of samples the median is shown.""";

    PartsSection {
        results = List.copyOf(results);
    }

    void write(Path file, Environment environment) {
        String markdown = String.join("\n\n", "## Parts, one by one", environment.markdown(), table().markdown(), NOTE);
        ResultsFile.write(file, "parts", markdown);
    }

    Table table() {
        List<List<String>> rows = new ArrayList<>();
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            String name = params.getBenchmark().replaceFirst("^.*\\.(\\w+\\.\\w+)$", "$1");
            String with = params.getParamsKeys().stream()
                    .map(key -> key + " " + params.getParam(key))
                    .collect(Collectors.joining(", "));
            Result<?> primary = result.getPrimaryResult();
            boolean sampled = params.getMode() == Mode.SampleTime;
            rows.add(List.of(
                    name,
                    with,
                    number(sampled ? primary.getStatistics().getPercentile(50) : primary.getScore()),
                    sampled ? "" : number(primary.getScoreError()),
                    primary.getScoreUnit(),
                    bytes(result)));
            result.getSecondaryResults().forEach((label, counted) -> {
                if (!label.startsWith("gc.") && !label.startsWith("·gc.") && !sampled) {
                    rows.add(List.of(name + ", " + label, with, number(counted.getScore()), "", "", ""));
                }
            });
        }
        return new Table(HEADER, rows, WORDS);
    }

    private static String bytes(RunResult result) {
        Result<?> allocated = result.getSecondaryResults().get(BYTES_ALLOCATED);
        return allocated == null ? "-" : number(allocated.getScore());
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%,.1f", value);
    }
}
