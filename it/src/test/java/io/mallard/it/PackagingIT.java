package io.mallard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.support.ExternalProcess;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerConfig;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** What users get: jars with the same bytes wherever they are built, poms of what is needed, and enough for a runtime image. */
class PackagingIT {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("protocol", "core");
    private static final List<String> KINDS = List.of(".jar", "-sources.jar", "-javadoc.jar");
    /** What a second build takes, which does not test. */
    private static final List<String> SOURCES = List.of(
            "pom.xml",
            "LICENSE",
            ".mvn",
            "protocol/pom.xml",
            "protocol/src/main",
            "core/pom.xml",
            "core/src/main",
            "it/pom.xml",
            "benchmarks/pom.xml");

    private static final Pattern FIRST_SAMPLE = Pattern.compile("(?s)```java\n(.*?public class Hello .*?)```");
    private static final Duration BUILD_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration RUN_TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @Test
    void anotherBuildMakesTheSameBytes() throws Exception {
        for (String source : SOURCES) {
            copy(ROOT.resolve(source), directory.resolve(source));
        }

        ExternalProcess.run(
                BUILD_TIMEOUT,
                List.of(
                        "env",
                        "JAVA_HOME=" + System.getProperty("java.home"),
                        System.getProperty("maven.home") + "/bin/mvn",
                        "-B",
                        "-o",
                        "-q",
                        "-f",
                        directory.resolve("pom.xml").toString(),
                        "-Dmaven.repo.local=" + repository(),
                        "-Dmaven.test.skip=true",
                        "-Dspotless.check.skip=true",
                        "-pl",
                        "protocol,core",
                        "package"));

        assertThat(differing(ROOT, directory)).isEmpty();
    }

    @Test
    void aJarThatDiffersIsSeen() throws IOException {
        for (String module : MODULES) {
            for (String kind : KINDS) {
                Path jar = jar(ROOT, module, kind);
                copy(jar, directory.resolve(ROOT.relativize(jar)));
            }
        }
        assertThat(differing(ROOT, directory)).isEmpty();
        Path doctored = jar(directory, "core", "-sources.jar");
        byte[] bytes = Files.readAllBytes(doctored);
        bytes[bytes.length / 2] ^= 1;
        Files.write(doctored, bytes);

        assertThat(differing(ROOT, directory))
                .containsExactly(doctored.getFileName().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol", "core"})
    void jarsHaveALicenceAndSayNothingOfWhoBuiltThem(String module) throws IOException {
        byte[] here = ROOT.toRealPath().toString().getBytes(StandardCharsets.UTF_8);
        for (String kind : KINDS) {
            try (JarFile jar = new JarFile(jar(ROOT, module, kind).toFile())) {
                assertThat(jar.getManifest().getMainAttributes().keySet().stream()
                                .map(Object::toString))
                        .isSubsetOf(
                                "Manifest-Version",
                                "Created-By",
                                "Java-Version",
                                "Build-Jdk-Spec",
                                "Implementation-Title",
                                "Implementation-Version");
                for (ZipEntry entry : Collections.list(jar.entries())) {
                    assertThat(indexOf(here, bytes(jar, entry)))
                            .as("%s in %s", entry, jar.getName())
                            .isNegative();
                }
                if (!kind.equals("-javadoc.jar")) {
                    assertThat(bytes(jar, jar.getEntry("META-INF/LICENSE")))
                            .isEqualTo(Files.readAllBytes(ROOT.resolve("LICENSE")));
                }
            }
        }
        try (JarFile jar = new JarFile(jar(ROOT, module, ".jar").toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Implementation-Version"))
                    .isEqualTo(text(parse(Files.newInputStream(ROOT.resolve("pom.xml"))), "version"));
        }
    }

    @Test
    void theJavadocIsOfWhatUsersSee() throws IOException {
        try (JarFile jar = new JarFile(jar(ROOT, "core", "-javadoc.jar").toFile())) {
            assertThat(jar.stream()
                            .map(ZipEntry::getName)
                            .filter(name -> name.endsWith("package-summary.html"))
                            .map(name -> Path.of(name).getParent().toString()))
                    .containsExactlyInAnyOrder(
                            "io.mallard.core/io/mallard",
                            "io.mallard.core/io/mallard/rpc",
                            "io.mallard.core/io/mallard/micrometer");
        }
    }

    @Test
    void thePomsNameWhatUsersNeedAndNothingElse() throws IOException {
        Element core = pom("core");
        List<String> inIt = new ArrayList<>(List.of(
                "modelVersion", "groupId", "artifactId", "version", "name", "description", "licenses", "dependencies"));
        assertThat(children(core)).extracting(Element::getTagName).containsExactlyElementsOf(inIt);
        assertThat(children(child(core, "dependencies")))
                .extracting(dependency -> text(dependency, "artifactId") + " " + text(dependency, "scope"))
                .containsExactly("mallard-protocol compile", "slf4j-api compile", "micrometer-core provided");

        inIt.remove("dependencies");
        assertThat(children(pom("protocol"))).extracting(Element::getTagName).containsExactlyElementsOf(inIt);
    }

    @Test
    void theFirstSampleRunsInARuntimeImageOfTheClientAlone() throws Exception {
        Path image = directory.resolve("image");
        String modules = String.join(
                File.pathSeparator,
                jar(ROOT, "core", ".jar").toString(),
                jar(ROOT, "protocol", ".jar").toString(),
                home(Logger.class).toString());
        use("jlink", "--module-path", modules, "--add-modules", "io.mallard.core", "--output", image.toString());
        try (NatsServer server = NatsServer.start(NatsServerConfig.builder().build())) {
            Matcher sample = FIRST_SAMPLE.matcher(Files.readString(ROOT.resolve("README.md")));
            assertThat(sample.find()).isTrue();
            assertThat(sample.group(1)).containsOnlyOnce("localhost:4222");
            Path source = Files.writeString(
                    directory.resolve("Hello.java"),
                    sample.group(1).replace("localhost:4222", "localhost:" + server.port()));
            Path classes = directory.resolve("classes");
            use(
                    "javac",
                    "--module-path",
                    modules,
                    "--add-modules",
                    "io.mallard.core",
                    "-d",
                    classes.toString(),
                    source.toString());
            String java = image.resolve("bin/java").toString();

            assertThat(ExternalProcess.run(RUN_TIMEOUT, List.of(java, "--list-modules"))
                            .lines()
                            .map(module -> module.replaceFirst("@.*", "")))
                    .containsExactlyInAnyOrder(
                            "java.base", "jdk.jfr", "io.mallard.core", "io.mallard.protocol", "org.slf4j");
            assertThat(ExternalProcess.run(RUN_TIMEOUT, List.of(java, "-cp", classes.toString(), "Hello"))
                            .lines())
                    .endsWith("hello");
        }
    }

    private static void use(String tool, String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        int exit = ToolProvider.findFirst(tool).orElseThrow().run(writer, writer, arguments);
        assertThat(exit).as("%s said: %s", tool, said).isZero();
    }

    /** The names of the jars that are not the same, byte for byte. */
    private static List<String> differing(Path root, Path otherRoot) throws IOException {
        List<String> differing = new ArrayList<>();
        for (String module : MODULES) {
            for (String kind : KINDS) {
                Path jar = jar(root, module, kind);
                if (Files.mismatch(jar, jar(otherRoot, module, kind)) != -1) {
                    differing.add(jar.getFileName().toString());
                }
            }
        }
        return differing;
    }

    private static Path jar(Path root, String module, String kind) throws IOException {
        String version = text(parse(Files.newInputStream(ROOT.resolve("pom.xml"))), "version");
        return root.resolve(module).resolve("target").resolve("mallard-" + module + "-" + version + kind);
    }

    private static Element pom(String module) throws IOException {
        try (JarFile jar = new JarFile(jar(ROOT, module, ".jar").toFile())) {
            return parse(jar.getInputStream(jar.getEntry("META-INF/maven/io.mallard/mallard-" + module + "/pom.xml")));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    private static byte[] bytes(JarFile jar, ZipEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    private static int indexOf(byte[] sought, byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(new String(sought, StandardCharsets.ISO_8859_1));
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Where Maven has put the dependencies: one of them lies at group/artifact/version/jar. */
    private static Path repository() throws URISyntaxException {
        return home(Logger.class).resolve("../../../../..").normalize();
    }

    private static Element parse(InputStream pom) {
        try (pom) {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(pom)
                    .getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError("cannot read a pom", e);
        }
    }

    private static String text(Element element, String name) {
        return child(element, name).getTextContent().strip();
    }

    private static Element child(Element parent, String name) {
        return children(parent).stream()
                .filter(child -> child.getTagName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<Element> children(Element parent) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }
}
