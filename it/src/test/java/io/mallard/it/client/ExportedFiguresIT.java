package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mallard.NatsClient;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NatsServerException;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.Promtool;
import io.mallard.micrometer.MallardMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a client exports, and that alerts, dashboard and runbook speak of nothing else. */
@NoLeaks
class ExportedFiguresIT {
    private static final Path OPS = Path.of("../core/src/main/ops");
    private static final Path RULES = OPS.resolve("prometheus/mallard-alerts.yml");
    private static final Path TESTS = OPS.resolve("prometheus/mallard-alerts.test.yml");
    private static final Path DASHBOARD = OPS.resolve("grafana/mallard.json");
    private static final Pattern NAME = Pattern.compile("\\bmallard_\\w+");

    @RegisterExtension
    final Clients clients = new Clients();

    @TempDir
    Path directory;

    @Test
    void areThoseOfTheRunbookTheAlertsAndTheDashboard() throws IOException {
        Set<String> exported = exported();

        assertThat(ofRunbook()).isEqualTo(exported);
        assertThat(exported).containsAll(names(Files.readString(RULES)));
        assertThat(exported).containsAll(names(String.join("\n", queries())));
        assertThat(queries()).hasSizeGreaterThan(40);
        assertThat(names("sum(mallard_no_such_thing{a=\"b\"})")).isNotEmpty().doesNotContainAnyElementsOf(exported);
    }

    private Set<String> exported() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                Scrape scrape = new Scrape()) {
            scrape.bind(client);
            Set<String> names = scrape.names();
            assertThat(scrape.values())
                    .containsEntry("mallard_connected", 1.0)
                    .containsEntry("mallard_swap_seconds_count", 0.0);
            assertThat(scrape.values().get("mallard_swap_max_seconds")).isNaN();
            scrape.unbind();
            assertThat(scrape.names()).as("of a client that is closed").isEmpty();
            return names;
        }
    }

    /** A registry does not keep what its meters read, and nobody else may. */
    @Test
    void areThereAsLongAsTheyAreBound() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url())) {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            new MallardMetrics(client).bindTo(registry);
            WeakReference<Object> garbage = new WeakReference<>(new Object());
            Eventually.eventually("the garbage to be collected", () -> {
                System.gc();
                return garbage.get() == null;
            });

            client.publish("e", new byte[0]);
            client.flush(Scenario.TIMEOUT);

            assertThat(registry.get("mallard.connected").gauge().value()).isEqualTo(1);
            Eventually.eventually(
                    "the publish",
                    () -> registry.get("mallard.messages.sent")
                                    .functionCounter()
                                    .count()
                            == 1);
        }
    }

    private static Set<String> names(String text) {
        return NAME.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The table of figures, where a time stands for all there is of it. */
    private static Set<String> ofRunbook() throws IOException {
        String table = Files.readString(OPS.resolve("RUNBOOK.md"))
                .split("\n## Figures\n", 2)[1]
                .split("\n## ", 2)[0];
        return table.lines()
                .filter(line -> line.startsWith("| `mallard_"))
                .flatMap(line -> names(line.split("\\|", -1)[1]).stream()
                        .flatMap(name -> line.contains("| time: ")
                                ? Stream.of("_seconds_count", "_seconds_sum", "_quantile_seconds", "_max_seconds")
                                        .map(name::concat)
                                : Stream.of(name)))
                .collect(Collectors.toSet());
    }

    private static List<String> queries() throws IOException {
        JsonNode dashboard = new JsonMapper().readTree(DASHBOARD.toFile());
        List<String> queries = new ArrayList<>(dashboard.findValuesAsText("expr"));
        queries.addAll(dashboard.findValuesAsText("definition"));
        return queries;
    }

    /** Prometheus reads them, and its own tool plays what may happen. */
    @Test
    void theAlertsFireWhenSomethingIsWrongAndAreOverAfterwards() throws IOException {
        Promtool promtool = Promtool.find();
        assertThat(promtool.run("check", "rules", RULES.toString())).contains("8 rules found");
        assertThat(promtool.run("test", "rules", TESTS.toString())).contains("SUCCESS");

        // The control: an alert that nobody would see.
        Path rules = directory.resolve(RULES.getFileName());
        Files.writeString(rules, Files.readString(RULES).replace("> 0.01", "> 2"));
        Path tests = Files.copy(TESTS, directory.resolve(TESTS.getFileName()));
        assertThatThrownBy(() -> promtool.run("test", "rules", tests.toString()))
                .isInstanceOf(NatsServerException.class)
                .hasMessageContaining("two of three have no standby")
                .hasMessageContaining("MallardHotSwapFailureRate");
    }

    /** As a rule each, with what Grafana puts in. */
    @Test
    void theQueriesOfTheDashboardAreQueries() throws IOException {
        StringBuilder rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        List<String> queries = queries().stream()
                .filter(query -> !query.startsWith("label_values"))
                .toList();
        for (int i = 0; i < queries.size(); i++) {
            String query = queries.get(i)
                    .replace("$__rate_interval", "1m")
                    .replace("$__range", "6h")
                    .replace("$__interval", "30s")
                    .replace("$client", ".*");
            assertThat(query).doesNotContain("$");
            rules.append("      - record: query:%d\n        expr: '%s'\n".formatted(i, query.replace("'", "''")));
        }
        Path file = Files.writeString(directory.resolve("dashboard.yml"), rules);

        assertThat(Promtool.find().run("check", "rules", file.toString())).contains(queries.size() + " rules found");
    }
}
