package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * An example in a process of its own, started as a user starts it.
 *
 * <p>Threading: for one thread; another one reads what the process prints.
 */
final class ExampleProcess implements AutoCloseable {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    /** Of a JVM that lives for a moment: it begins sooner. */
    private static final List<String> BRIEFLY = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final long LONGEST_S = 30;

    private final Process process;
    private final Path errors;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader;

    /** Runs a command in the top directory, with this JVM's {@code java}; its standard error goes into a file. */
    ExampleProcess(List<String> command, Path errors) throws IOException {
        this.errors = errors;
        List<String> here = new ArrayList<>(command);
        assertThat(here.set(
                        0,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString()))
                .isEqualTo("java");
        here.addAll(1, BRIEFLY);
        process = new ProcessBuilder(here)
                .directory(ROOT.toFile())
                .redirectError(errors.toFile())
                .start();
        reader = new Thread(this::readAll, "example-output");
        reader.start();
    }

    private void readAll() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException e) {
            lines.add("unreadable: " + e);
        }
    }

    /** Waits for the line of that number, from 0, among those that match. */
    String awaitLine(String regex, int number) {
        CompletableFuture<String> found = new CompletableFuture<>();
        Eventually.eventually("the example to print " + regex, () -> {
            lines.stream()
                    .filter(line -> line.matches(regex))
                    .skip(number)
                    .findFirst()
                    .ifPresent(found::complete);
            if (!found.isDone() && !process.isAlive()) {
                throw new AssertionError("ended without printing " + regex + ": " + said());
            }
            return found.isDone();
        });
        return found.join();
    }

    /** Waits until it has ended by itself, without a complaint, and returns what it printed. */
    List<String> awaitEnd() throws IOException, InterruptedException {
        assertThat(process.waitFor(LONGEST_S, TimeUnit.SECONDS))
                .as("ends by itself")
                .isTrue();
        reader.join(TimeUnit.SECONDS.toMillis(LONGEST_S));
        assertThat(process.exitValue()).as(said()).isZero();
        return List.copyOf(lines);
    }

    /** What it has printed on standard error. */
    String errors() throws IOException {
        return Files.readString(errors);
    }

    private String said() throws IOException {
        return lines + "\n" + errors();
    }

    /** Its reader ends with it. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
