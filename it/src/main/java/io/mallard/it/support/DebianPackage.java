package io.mallard.it.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A package of a Debian suite, fetched by the machine's apt-get from the site it uses itself. Needs no privileges and leaves the
 * machine's own package lists alone.
 *
 * <p>Threading: stateless.
 */
final class DebianPackage {
    private static final Path KEYRING = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration DOWNLOAD_TIMEOUT = Duration.ofMinutes(4);

    private DebianPackage() {}

    /** Fetches it into an empty directory; returns where in there its files are, which lie as they would below the root of a machine. */
    static Path unpack(Path work, DebianSuite suite, String name) throws IOException {
        Path deb = download(work, site(), suite, name);
        Path root = work.resolve("root");
        ExternalProcess.run(DOWNLOAD_TIMEOUT, List.of("dpkg", "-x", deb.toString(), root.toString()));
        return root;
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

    private static Path download(Path work, String site, DebianSuite suite, String name) throws IOException {
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
        ExternalProcess.runIn(work, DOWNLOAD_TIMEOUT, concat(aptGet, "download", name));
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new NatsServerException("apt-get download left no package in " + work));
        }
    }

    private static List<String> concat(List<String> command, String... arguments) {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(arguments));
        return whole;
    }
}
