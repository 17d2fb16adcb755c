package io.mallard.it.client;

import com.sun.net.httpserver.HttpServer;
import io.mallard.NatsClient;
import io.mallard.micrometer.MallardMetrics;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a client as an application exports them, on a page of their own that is fetched as Prometheus does it.
 *
 * <p>Threading: any thread.
 */
final class Scrape implements AutoCloseable {
    private static final String CLIENT = "client=\"orders\"";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpServer page;
    private @Nullable MallardMetrics metrics;

    Scrape() {
        try {
            page = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        page.createContext("/metrics", exchange -> {
            byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Connection", "close");
            exchange.sendResponseHeaders(200, body.length);
            try (exchange) {
                exchange.getResponseBody().write(body);
            }
        });
        page.start();
    }

    /** The page has the figures of this client from now on. */
    void bind(NatsClient client) {
        metrics = new MallardMetrics(client, Tags.of("client", "orders"));
        metrics.bindTo(registry);
    }

    private String text() {
        try {
            URL url = new URL("http://127.0.0.1:" + page.getAddress().getPort() + "/metrics");
            try (InputStream in = url.openStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By name and labels, of which the client is left out. */
    Map<String, Double> values() {
        Map<String, Double> values = new TreeMap<>();
        text().lines().filter(line -> line.startsWith("mallard_")).forEach(line -> {
            int end = line.lastIndexOf(' ');
            String series = line.substring(0, end);
            if (!series.contains(CLIENT)) {
                throw new AssertionError("not of the client: " + line);
            }
            String name =
                    series.replace(CLIENT + ",", "").replace("," + CLIENT, "").replace("{" + CLIENT + "}", "");
            values.put(name, Double.parseDouble(line.substring(end + 1)));
        });
        return values;
    }

    /** Without labels. */
    Set<String> names() {
        return values().keySet().stream()
                .map(series -> series.replaceFirst("\\{.*", ""))
                .collect(Collectors.toSet());
    }

    /** Closes the binding, so that nothing of the client is exported any more. */
    void unbind() {
        Objects.requireNonNull(metrics).close();
    }

    @Override
    public void close() {
        page.stop(0);
    }
}
