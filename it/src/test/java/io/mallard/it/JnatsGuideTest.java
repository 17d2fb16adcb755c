package io.mallard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.nats.client.AuthHandler;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Options;
import io.nats.client.ReconnectDelayHandler;
import io.nats.client.ServerPool;
import io.nats.client.Statistics;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** FROM-JNATS.md leaves nothing of jnats out, names nothing of Mallard's that is not there, and shows code that is there. */
class JnatsGuideTest {
    private static final Path GUIDE = Documents.CHAPTERS.resolve("FROM-JNATS.md");
    private static final Path PORT = Path.of("src", "test", "java", "io", "mallard", "examples", "port");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (?!-)([^|\n]+) \\| ([^|\n]*) ?\\| ([^|\n]*) ?\\|");
    private static final Pattern NAME = Pattern.compile("`(?:[A-Z]\\w*\\.)?([\\w.]+)(?:\\([^`]*)?`");
    private static final Pattern SAMPLE = Pattern.compile("(?s)```java\n(.*?)```");
    private static final List<Class<?>> CALLED = List.of(
            Connection.class,
            Consumer.class,
            Dispatcher.class,
            Subscription.class,
            Message.class,
            Headers.class,
            Statistics.class,
            AuthHandler.class,
            ErrorListener.class,
            ConnectionListener.class,
            ServerPool.class,
            ReconnectDelayHandler.class);

    @Test
    void namesEveryCallOfJnats() throws IOException {
        String guide = Files.readString(GUIDE);
        String calls = section(guide, "Calls");

        for (Class<?> type : CALLED) {
            Set<String> there = methods(type);
            there.removeAll(Set.of("equals", "hashCode", "toString"));
            assertThat(there).as("%s", type).isNotEmpty();
            assertThat(named(calls, 1)).as("%s", type).containsAll(there);
        }
        assertThat(named(calls, 1))
                .containsAll(Arrays.stream(ConnectionListener.Events.values())
                        .map(Enum::name)
                        .toList());
    }

    @Test
    void namesEveryOptionAndPropertyOfJnats() throws IOException, IllegalAccessException {
        Set<String> named = named(section(Files.readString(GUIDE), "Options"), 1);

        assertThat(named).containsAll(methods(Options.Builder.class));
        Set<String> properties = new TreeSet<>();
        for (Field constant : Options.class.getFields()) {
            if (constant.getName().startsWith("PROP_")) {
                properties.add(String.valueOf(constant.get(null)).replace("io.nats.client.", ""));
            }
        }
        assertThat(properties).hasSizeGreaterThan(70);
        assertThat(named).containsAll(properties);
    }

    @Test
    void namesNothingOfMallardsThatIsNotThere() throws IOException {
        String guide = Files.readString(GUIDE);
        Set<String> options = methods(NatsOptions.Builder.class);
        options.addAll(methods(NatsOptions.class));
        Set<String> api = api();

        Set<String> calls = named(section(guide, "Calls"), 2);
        assertThat(calls).hasSizeGreaterThan(60);
        assertThat(api).containsAll(calls);
        Set<String> chosen = named(section(guide, "Options"), 3);
        assertThat(chosen).hasSizeGreaterThan(30);
        assertThat(options).containsAll(chosen);
    }

    @Test
    void showsPartsOfTheServiceAsTheyAre() throws IOException {
        String service = squeezed(Files.readString(PORT.resolve("OrderServiceOnJnats.java"))
                + Files.readString(PORT.resolve("OrderServiceOnMallard.java")));

        List<String> samples = SAMPLE.matcher(Files.readString(GUIDE))
                .results()
                .map(found -> squeezed(found.group(1)))
                .toList();
        assertThat(samples).hasSize(10);
        assertThat(samples).allSatisfy(sample -> assertThat(service).contains(sample));
    }

    /** Without indentation, which differs, and empty lines. */
    private static String squeezed(String code) {
        return code.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }

    private static String section(String guide, String title) {
        return guide.split("\n## " + title + "\n", 2)[1].split("\n## ", 2)[0];
    }

    /** What stands in a column of the tables as code, without arguments; of names with a class, the part behind it. */
    private static Set<String> named(String section, int column) {
        Set<String> names = new TreeSet<>();
        for (Matcher row = ROW.matcher(section); row.find(); ) {
            NAME.matcher(row.group(column))
                    .results()
                    .map(found -> found.group(1))
                    .forEach(names::add);
        }
        return names;
    }

    private static Set<String> methods(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Every public name of the package that users see: types, methods, constants. */
    private static Set<String> api() throws IOException {
        Set<String> names = new HashSet<>();
        for (String type : types()) {
            Class<?> found = load(type);
            if (Modifier.isPublic(found.getModifiers())) {
                names.add(found.getSimpleName());
                names.addAll(methods(found));
                Arrays.stream(found.getFields()).map(Field::getName).forEach(names::add);
            }
        }
        names.addAll(methods(NatsOptions.Builder.class));
        return names;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName("io.mallard." + name, false, NatsClient.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /** The files of the package, which is where the guide is, too. */
    private static List<String> types() throws IOException {
        Path sources = Path.of("..", "core", "src", "main", "java", "io", "mallard");
        try (Stream<Path> files = Files.list(sources)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java") && !name.startsWith("package-"))
                    .map(name -> name.replace(".java", ""))
                    .toList();
        }
    }
}
