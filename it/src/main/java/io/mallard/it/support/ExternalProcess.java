package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a command to its end, at most for a given time; what it printed is the result, or part of the error.
 *
 * <p>Threading: stateless; blocks the caller.
 */
public final class ExternalProcess {
    private ExternalProcess() {}

    public static String run(Duration timeout, List<String> command) {
        return runIn(Path.of("."), timeout, command);
    }

    static String runIn(Path directory, Duration timeout, List<String> command) {
        try {
            // A file and not a pipe: a child that outlives the command would keep the pipe open.
            Path output = Files.createTempFile("mallard-command", ".out");
            try {
                return run(directory, timeout, command, output);
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(Path directory, Duration timeout, List<String> command, Path output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("LC_ALL", "C");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new NatsServerException("cannot run " + command.get(0) + ": " + e.getMessage(), e);
        }
        String line = String.join(" ", command);
        try {
            process.getOutputStream().close();
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new NatsServerException(
                        line + " did not end within " + timeout.toSeconds() + " s:\n" + Files.readString(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while waiting for " + line, e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String printed = Files.readString(output);
        if (process.exitValue() != 0) {
            throw new NatsServerException(line + " exited with " + process.exitValue() + ":\n" + printed);
        }
        return printed;
    }
}
