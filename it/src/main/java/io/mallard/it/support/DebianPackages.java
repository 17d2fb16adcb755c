package io.mallard.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The nats-server packages of the Debian suites, fetched into the cache by the machine's apt-get from the site it uses itself. Needs
 * no privileges and leaves the machine's own package lists alone.
 *
 * <p>Threading: immutable; one download at a time, under the lock of the cache.
 */
record DebianPackages(ServerCache cache) implements ServerSource {
    private static final Path KEYRING = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration DOWNLOAD_TIMEOUT = Duration.ofMinutes(4);

    @Override
    public Finding look(RequestedVersion requested) {
        DebianSuite suite = DebianSuite.of(requested);
        try {
            // Somebody else may have fetched it while we waited for the lock.
            return cache.locked(() -> cache.look(requested) instanceof Found found ? found : fetch(suite, requested));
        } catch (NatsServerException | UncheckedIOException e) {
            return new Missing("Debian " + suite + ": " + e.getMessage());
        }
    }

    private Finding fetch(DebianSuite suite, RequestedVersion requested) {
        try {
            String site = site();
            System.err.println(
                    "nats-server: fetching the one of Debian " + suite + ", about 15 MB, once, into " + cache.root());
            Path work = cache.createWorkDirectory();
            try {
                Path executable = unpack(work, download(work, site, suite));
                NatsServerBinary binary = cache.add(executable, ServerVersion.of(executable), "Debian " + suite);
                return requested.accepts(binary.version())
                        ? new Found(binary)
                        : new Missing("Debian " + suite + ": has " + binary.version());
            } finally {
                Directories.deleteIfExists(work);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where this machine gets its packages from, whatever mirror that is. */
    private static String site() {
        if (!Files.isReadable(KEYRING)) {
            throw new NatsServerException("no " + KEYRING + " on this machine");
        }
        List<String> command = List.of("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)");
        return ExternalProcess.run(QUERY_TIMEOUT, command)
                .lines()
                .map(line -> line.split(" ", 2))
                // bookworm-security and the like are on sites that have only the updates.
                .filter(target -> target.length == 2 && !target[1].contains("-"))
                .map(target -> target[0])
                .findFirst()
                .orElseThrow(() -> new NatsServerException("apt-get has no site to fetch from"));
    }

    private static Path download(Path work, String site, DebianSuite suite) throws IOException {
        Path sources = Files.writeString(
                work.resolve("sources.list"), "deb [signed-by=" + KEYRING + "] " + site + " " + suite + " main\n");
        Path lists = Files.createDirectories(work.resolve("lists"));
        Path archives = Files.createDirectories(work.resolve("cache"));
        List<String> aptGet = List.of(
                "apt-get",
                "-q",
                "-o",
                "Dir::Etc::sourcelist=" + sources,
                "-o",
                "Dir::Etc::sourceparts=/nonexistent",
                "-o",
                "Dir::State::lists=" + lists,
                "-o",
                "Dir::State::status=/dev/null",
                "-o",
                "Dir::Cache=" + archives,
                "-o",
                "Acquire::Languages=none",
                // Run by root, apt-get would become a user who may not write here.
                "-o",
                "APT::Sandbox::User=root");
        ExternalProcess.runIn(work, DOWNLOAD_TIMEOUT, concat(aptGet, "--error-on=any", "update"));
        ExternalProcess.runIn(work, DOWNLOAD_TIMEOUT, concat(aptGet, "download", NatsServerBinary.NAME));
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new NatsServerException("apt-get download left no package in " + work));
        }
    }

    private static Path unpack(Path work, Path deb) {
        Path root = work.resolve("root");
        ExternalProcess.run(DOWNLOAD_TIMEOUT, List.of("dpkg", "-x", deb.toString(), root.toString()));
        return root.resolve("usr/sbin").resolve(NatsServerBinary.NAME);
    }

    private static List<String> concat(List<String> command, String... arguments) {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(arguments));
        return whole;
    }
}
