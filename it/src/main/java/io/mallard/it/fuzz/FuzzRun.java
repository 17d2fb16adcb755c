package io.mallard.it.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One target after the other in a process of its own: fuzzed for a while, then as few of its inputs kept as reach all
 * that is reached.
 *
 * <p>Threading: used by one thread.
 */
final class FuzzRun {
    private static final String FUZZER = "com.code_intelligence.jazzer.Jazzer";
    private static final Pattern EXECUTIONS = Pattern.compile("stat::number_of_executed_units:\\s*(\\d+)");
    /** How the fuzzer names what it has found; other names in the directory are ours. */
    private static final Pattern FOUND = Pattern.compile("[0-9a-f]{40}");

    private static final Pattern FINDING = Pattern.compile("(?:crash|timeout|oom|leak|slow-unit)-.*");
    private static final Duration BEYOND = Duration.ofMinutes(5);

    private final Path root;
    private final Path work;
    private final int seconds;

    /**
     * @param root of the sources
     * @param work for what need not be kept
     */
    FuzzRun(Path root, Path work, int seconds) {
        this.root = root.toAbsolutePath().normalize();
        this.work = work.toAbsolutePath().normalize();
        this.seconds = seconds;
    }

    /** Adds to the inputs of this target, and says what it found. */
    FuzzResult fuzz(FuzzTarget target) throws IOException, InterruptedException {
        Path inputs = Files.createDirectories(target.inputs(root));
        Path all = Files.createDirectories(work.resolve(target.simpleName()).resolve("all"));
        Path few = Files.createDirectories(work.resolve(target.simpleName()).resolve("few"));
        deleteFiles(few, name -> true);

        Path log = work.resolve(target.simpleName() + ".log");
        run(target, log, "-max_total_time=" + seconds, "-timeout=10", "-print_final_stats=1", all.toString());
        run(
                target,
                work.resolve(target.simpleName() + "-merge.log"),
                "-merge=1",
                "-use_counters=0",
                few.toString(),
                all.toString(),
                inputs.toString());
        if (isEmpty(few)) {
            throw new IOException("no inputs are left of " + target + ", see its log in " + work);
        }
        deleteFiles(inputs, name -> FOUND.matcher(name).matches());
        for (Path input : files(few)) {
            Files.copy(input, inputs.resolve(input.getFileName()));
        }
        return result(target, Files.readString(log), inputs);
    }

    private void run(FuzzTarget target, Path log, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-cp",
                classPath(),
                FUZZER,
                "--target_class=" + target.className,
                "--instrumentation_includes=io.mallard.**"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(root.resolve(target.module).toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(seconds + BEYOND.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("the fuzzer does not end, see " + log);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** The tests of the modules, and what this program has. */
    private String classPath() {
        Stream<Path> tests =
                Stream.of("protocol", "core").map(module -> root.resolve(module).resolve("target/test-classes"));
        Stream<Path> own = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(element -> Path.of(element).toAbsolutePath());
        return Stream.concat(tests, own).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static FuzzResult result(FuzzTarget target, String log, Path inputs) throws IOException {
        Matcher executions = EXECUTIONS.matcher(log);
        if (!executions.find()) {
            throw new IOException("the fuzzer of " + target + " did not say how often it ran it: "
                    + log.substring(Math.max(0, log.length() - 1_000)));
        }
        long bytes = 0;
        int findings = 0;
        List<Path> kept = files(inputs);
        for (Path input : kept) {
            bytes += Files.size(input);
            findings += FINDING.matcher(input.getFileName().toString()).matches() ? 1 : 0;
        }
        return new FuzzResult(target, Long.parseLong(executions.group(1)), kept.size(), bytes, findings);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        return files(directory).isEmpty();
    }

    private static void deleteFiles(Path directory, Predicate<String> name) throws IOException {
        for (Path file : files(directory)) {
            if (name.test(file.getFileName().toString())) {
                Files.delete(file);
            }
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
