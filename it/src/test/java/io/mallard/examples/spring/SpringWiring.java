package io.mallard.examples.spring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.HotSwapHealthCheck;
import io.mallard.HotSwapHealthCheck.Readiness;
import io.mallard.NatsClient;
import io.mallard.NatsOptions;
import io.mallard.micrometer.MallardMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/**
 * A client as a bean of a Spring Boot application, wired by hand: options from the application's properties, health for its probes, meters,
 * and an end that drops nothing. Ends by itself.
 *
 * <pre>
 * mvn -q -Pspring -pl it -am -Dnats.servers=nats://localhost:4222
 * </pre>
 *
 * <p>Threading: beans are made and ended by the thread of {@code main}; the client, its check and its meters are for all threads.
 */
@Configuration(proxyBeanMethods = false)
public class SpringWiring {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Every {@code mallard.} of {@code application.properties}, written as in the table of options: {@code mallard.hotSwapTimeout=2s}. */
    @Bean
    NatsOptions natsOptions(Environment environment) {
        Properties properties = new Properties();
        Binder.get(environment)
                .bind("mallard", Bindable.mapOf(String.class, String.class))
                .orElse(Map.of())
                .forEach((name, value) -> properties.setProperty("mallard." + name, value));
        return NatsOptions.fromProperties(properties).build();
    }

    @Bean(destroyMethod = "close")
    NatsClient natsClient(NatsOptions options) {
        return NatsClient.connect(options);
    }

    /** Before any bean is gone: what was received is handled, and what was published is processed. */
    @EventListener
    void drain(ContextClosedEvent closing) {
        closing.getApplicationContext()
                .getBean(NatsClient.class)
                .drain(PATIENCE)
                .join();
    }

    @Bean
    HotSwapHealthCheck natsCheck(NatsClient client) {
        return new HotSwapHealthCheck(client);
    }

    /** For the group {@code readiness}: without a server the application is not ready. */
    @Bean
    HealthIndicator natsReadiness(HotSwapHealthCheck check) {
        return () -> {
            Readiness readiness = check.readiness();
            Health.Builder health = readiness.isReady() ? Health.up() : Health.outOfService();
            return health.withDetail("readiness", readiness).build();
        };
    }

    /** For the group {@code liveness}: without a server the application is alive, because a restart brings none back. */
    @Bean
    HealthIndicator natsLiveness(HotSwapHealthCheck check) {
        return () -> check.liveness(Duration.ofSeconds(1)).isAlive()
                ? Health.up().build()
                : Health.down().build();
    }

    /** Closed before the client, because it needs it. With Actuator's own configuration leave {@code bindTo} to that. */
    @Bean(destroyMethod = "close")
    MallardMetrics natsMetrics(NatsClient client, MeterRegistry registry) {
        MallardMetrics metrics = new MallardMetrics(client, Tags.of("client", "orders"));
        metrics.bindTo(registry);
        return metrics;
    }

    /** Actuator has one for each monitoring system. */
    @Bean
    MeterRegistry meterRegistry() {
        return new SimpleMeterRegistry();
    }

    public static void main(String... servers) {
        SpringApplication application = new SpringApplication(SpringWiring.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setDefaultProperties(
                Map.of("mallard.servers", String.join(",", servers), "mallard.name", "orders"));
        try (ConfigurableApplicationContext context = application.run()) {
            NatsClient client = context.getBean(NatsClient.class);
            client.subscribe("orders", order -> System.out.println("took order " + new String(order.payload(), UTF_8)));
            for (int i = 1; i <= 3; i++) {
                client.publish("orders", Integer.toString(i).getBytes(UTF_8));
            }
            client.flush(PATIENCE);
            context.getBeansOfType(HealthIndicator.class)
                    .forEach((name, indicator) -> System.out.println(name + ": " + indicator.health()));
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            double sent =
                    registry.get("mallard.messages.sent").functionCounter().count();
            System.out.println("mallard.messages.sent: " + sent);
        }
        System.out.println("drained and closed");
    }
}
