package io.mallard.benchmarks.compare;

import io.mallard.benchmarks.BenchmarkServer;
import io.mallard.benchmarks.CpuProfiler;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures one contestant in a JVM of its own.
 *
 * <p>Threading: used by one thread.
 *
 * @param warmUp how many iterations come before those that count
 */
record Fork(int warmUp, int measured, TimeValue iteration) implements Bench {
    /** Far longer than an iteration that is merely slow. */
    private static final TimeValue TIMEOUT = TimeValue.seconds(60);

    /** What it takes to start a JVM, connect, and end again. */
    private static final double START_SECONDS = 2.4;

    private static final String BYTES_ALLOCATED = "gc.alloc.rate.norm";

    @Override
    public double seconds() {
        return (warmUp + measured) * iteration.convertTo(TimeUnit.MILLISECONDS) / 1e3 + START_SECONDS;
    }

    @Override
    public Map<Figure, Double> measure(Question question, Contestant contestant, Site site) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + question.benchmark().getName().replace(".", "\\.") + "\\.")
                .forks(1)
                .warmupIterations(warmUp)
                .warmupTime(iteration)
                .measurementIterations(measured)
                .measurementTime(iteration)
                .timeout(TIMEOUT)
                .jvmArgsAppend(jvmArguments(site))
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        contestant.parameters().forEach(options::param);
        try {
            Collection<RunResult> results = new Runner(options.build()).run();
            if (results.size() != 1) {
                throw new IllegalStateException(results.size() + " results of " + question.name() + ", " + contestant);
            }
            return figures(results.iterator().next());
        } catch (RunnerException e) {
            throw new IllegalStateException("no result of " + question.name() + ", " + contestant.name(), e);
        }
    }

    /** Clients that are told of nothing but a URL trust whom the virtual machine trusts. */
    private static String[] jvmArguments(Site site) {
        String url = "-D" + BenchmarkServer.URL_PROPERTY + "=" + site.url();
        Site.Trust trust = site.trust();
        return trust == null
                ? new String[] {url}
                : new String[] {
                    url,
                    "-Djavax.net.ssl.trustStore=" + trust.store(),
                    "-Djavax.net.ssl.trustStorePassword=" + trust.password()
                };
    }

    private static Map<Figure, Double> figures(RunResult result) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        Result<?> primary = result.getPrimaryResult();
        if (result.getParams().getMode() == Mode.SampleTime) {
            figures.put(Figure.P50_US, primary.getStatistics().getPercentile(50));
            figures.put(Figure.P99_US, primary.getStatistics().getPercentile(99));
        } else {
            figures.put(Figure.THROUGHPUT, primary.getScore());
        }
        figures.put(Figure.BYTES, secondary(result, BYTES_ALLOCATED));
        figures.put(Figure.CPU_NS, secondary(result, CpuProfiler.NS_PER_OPERATION));
        return figures;
    }

    private static double secondary(RunResult result, String name) {
        Result<?> found = result.getSecondaryResults().get(name);
        if (found == null) {
            throw new IllegalStateException(
                    "no '" + name + "' among " + result.getSecondaryResults().keySet());
        }
        return found.getScore();
    }
}
