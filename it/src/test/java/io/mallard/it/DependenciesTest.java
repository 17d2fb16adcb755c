package io.mallard.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The list of dependencies in SECURITY.md is what the poms say, and their licences what the poms of the dependencies say. */
class DependenciesTest {
    private static final String OURS = "io.mallard";
    private static final Path ROOT = Path.of("..");
    private static final Element PARENT = parse(ROOT.resolve("pom.xml"));
    /** The modules, each with whom its dependencies are for. */
    private static final Map<String, Use> MODULES = Map.of(
            ".", Use.USERS, "protocol", Use.USERS, "core", Use.USERS, "it", Use.PROGRAMS, "benchmarks", Use.BENCHMARKS);

    private enum Use {
        USERS("users get it"),
        OPTIONAL("users may have it"),
        COMPILER("compiling"),
        TESTS("tests"),
        PROGRAMS("programs of `it`"),
        BENCHMARKS("benchmarks");

        private final String text;

        Use(String text) {
            this.text = text;
        }
    }

    private record Coordinates(String group, String artifact) implements Comparable<Coordinates> {
        static Coordinates of(Element element) {
            return new Coordinates(text(element, "groupId"), text(element, "artifactId"));
        }

        @Override
        public int compareTo(Coordinates other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return group + ":" + artifact;
        }
    }

    @Test
    void areListedWithWhatTheyAreForAndTheirLicences() throws IOException, URISyntaxException {
        Path repository = repository();
        StringBuilder table = new StringBuilder();
        dependencies()
                .forEach((coordinates, uses) -> table.append("| `%s` | %s | %s |\n"
                        .formatted(
                                coordinates,
                                uses.stream().map(use -> use.text).collect(Collectors.joining(", ")),
                                licence(repository, coordinates, version(coordinates)))));

        assertThat(rows()).isEqualTo(table.toString());
    }

    @Test
    void usersGetTheLogInterfaceAlone() {
        assertThat(dependencies()).containsEntry(new Coordinates("org.slf4j", "slf4j-api"), Set.of(Use.USERS));
        assertThat(dependencies().values().stream().filter(uses -> uses.contains(Use.USERS)))
                .hasSize(1);
    }

    private static Map<Coordinates, Set<Use>> dependencies() {
        Map<Coordinates, Set<Use>> dependencies = new TreeMap<>();
        MODULES.forEach((module, use) -> {
            Element pom = parse(ROOT.resolve(module).resolve("pom.xml"));
            for (Element dependency : declared(pom)) {
                boolean optional = child(dependency, "optional").isPresent();
                Use inScope = optional
                        ? Use.OPTIONAL
                        : switch (child(dependency, "scope")
                                .map(Node::getTextContent)
                                .orElse("compile")) {
                            case "provided" -> Use.COMPILER;
                            case "test" -> Use.TESTS;
                            default -> use;
                        };
                add(dependencies, dependency, inScope);
            }
            NodeList processors = pom.getElementsByTagName("annotationProcessorPaths");
            for (int i = 0; i < processors.getLength(); i++) {
                children(processors.item(i)).forEach(processor -> add(dependencies, processor, Use.COMPILER));
            }
        });
        return dependencies;
    }

    /** By the project itself and in its profiles. */
    private static List<Element> declared(Element pom) {
        List<Element> declared =
                new ArrayList<>(children(child(pom, "dependencies").orElse(null)));
        for (Element profile : children(child(pom, "profiles").orElse(null))) {
            declared.addAll(children(child(profile, "dependencies").orElse(null)));
        }
        return declared;
    }

    private static void add(Map<Coordinates, Set<Use>> dependencies, Element dependency, Use use) {
        Coordinates coordinates = Coordinates.of(dependency);
        if (!coordinates.group().equals(OURS)) {
            dependencies.computeIfAbsent(coordinates, c -> new TreeSet<>()).add(use);
        }
    }

    /** As the parent manages it; else that of its annotation processors, or of the bill of materials of its group. */
    private static String version(Coordinates coordinates) {
        List<Element> versioned = new ArrayList<>();
        for (String tag : List.of("dependency", "path")) {
            for (String module : MODULES.keySet()) {
                NodeList elements =
                        parse(ROOT.resolve(module).resolve("pom.xml")).getElementsByTagName(tag);
                for (int i = 0; i < elements.getLength(); i++) {
                    versioned.add((Element) elements.item(i));
                }
            }
        }
        String version = versioned.stream()
                .filter(element -> child(element, "version").isPresent())
                .filter(element -> Coordinates.of(element).equals(coordinates)
                        || (text(element, "artifactId").endsWith("-bom")
                                && coordinates.group().startsWith(text(element, "groupId"))))
                .map(element -> text(element, "version"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no version of " + coordinates));
        return version.startsWith("${")
                ? text(child(PARENT, "properties").orElseThrow(), version.substring(2, version.length() - 1))
                : version;
    }

    /** As its pom says it, or the next parent that does. */
    private static String licence(Path repository, Coordinates coordinates, String version) {
        Element pom = parse(repository
                .resolve(coordinates.group().replace('.', '/'))
                .resolve(coordinates.artifact())
                .resolve(version)
                .resolve(coordinates.artifact() + "-" + version + ".pom"));
        return child(pom, "licenses")
                .map(licences -> children(licences).stream()
                        .map(licence -> text(licence, "name"))
                        .collect(Collectors.joining("; ")))
                .orElseGet(() -> child(pom, "parent")
                        .map(parent -> licence(repository, Coordinates.of(parent), text(parent, "version")))
                        .orElseThrow(() -> new AssertionError("no licence of " + coordinates)));
    }

    /** Where Maven has put the dependencies, with their poms beside them: one of them lies at group/artifact/version/jar. */
    private static Path repository() throws URISyntaxException {
        Path jar = Path.of(
                Logger.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        assertThat(jar.toString()).contains("slf4j-api");
        return jar.resolve("../../../../..").normalize();
    }

    private static String rows() throws IOException {
        return Files.readString(ROOT.resolve("SECURITY.md"))
                .split("\n## Dependencies\n", 2)[1]
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private static Element parse(Path pom) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(pom.toFile())
                    .getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError("cannot read " + pom, e);
        }
    }

    private static String text(Element element, String name) {
        return child(element, name)
                .orElseThrow(() -> new AssertionError("no " + name + " in " + element.getTextContent()))
                .getTextContent()
                .strip();
    }

    private static Optional<Element> child(Element parent, String name) {
        return children(parent).stream()
                .filter(child -> child.getTagName().equals(name))
                .findFirst();
    }

    private static List<Element> children(Node parent) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent == null ? null : parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }
}
