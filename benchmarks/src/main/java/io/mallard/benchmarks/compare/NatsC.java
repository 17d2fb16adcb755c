package io.mallard.benchmarks.compare;

import io.mallard.it.support.ExternalProcess;
import io.mallard.it.support.NatsServerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The official C client, asked by a small program that is compiled on this machine, against the library that is installed here.
 *
 * <p>Threading: used by one thread.
 *
 * @param version of the library
 */
record NatsC(Path program, String version, Duration warmUp, Duration measured) implements Bench, AutoCloseable {
    /** What its contestants are asked: the word the program knows. */
    static final String QUESTION = "question";

    static final String PAYLOAD_BYTES = "payloadBytes";

    private static final String SOURCE = "natsc_bench.c";
    private static final Path HEADER = Path.of("/usr/include/nats/nats.h");
    private static final Duration COMPILE_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration SLACK = Duration.ofSeconds(60);
    /** What it takes to start, connect, and end again. */
    private static final double START_SECONDS = 0.2;

    /** The program, if this machine has the library; a compiler that fails then is an error. */
    static Optional<NatsC> build(Duration warmUp, Duration measured) {
        if (!Files.exists(HEADER)) {
            return Optional.empty();
        }
        try (InputStream text = NatsC.class.getResourceAsStream("/" + SOURCE)) {
            if (text == null) {
                throw new IllegalStateException("no " + SOURCE + " beside the classes");
            }
            Path source = Files.createTempFile("natsc_bench", ".c");
            Path program = Files.createTempFile("natsc_bench", "");
            try {
                Files.write(source, text.readAllBytes());
                compile(source, program);
            } finally {
                Files.delete(source);
            }
            String version = ExternalProcess.run(SLACK, List.of(program.toString(), "version"));
            return Optional.of(new NatsC(program, version.strip(), warmUp, measured));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void compile(Path source, Path program) {
        ExternalProcess.run(
                COMPILE_TIMEOUT,
                List.of("cc", "-O2", "-o", program.toString(), source.toString(), "-lnats", "-lpthread"));
    }

    /** Deletes the program. */
    @Override
    public void close() {
        try {
            Files.delete(program);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Map<Figure, Double> measure(Question question, Contestant contestant, Site site) {
        Map<String, String> parameters = contestant.parameters();
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                site.url(),
                parameters.getOrDefault(QUESTION, ""),
                parameters.getOrDefault(PAYLOAD_BYTES, ""),
                String.valueOf(warmUp.toMillis()),
                String.valueOf(measured.toMillis())));
        Site.Trust trust = site.trust();
        if (trust != null) {
            command.add(trust.pem().toString());
        }
        return figures(ExternalProcess.run(warmUp.plus(measured).plus(SLACK), command));
    }

    /** Of lines such as {@code P50_US 123.4}. */
    static Map<Figure, Double> figures(String printed) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        for (String line : printed.lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length != 2) {
                throw new NatsServerException("not a figure: " + line);
            }
            figures.put(Figure.valueOf(words[0]), Double.parseDouble(words[1]));
        }
        return figures;
    }

    @Override
    public double seconds() {
        return warmUp.plus(measured).toMillis() / 1e3 + START_SECONDS;
    }
}
