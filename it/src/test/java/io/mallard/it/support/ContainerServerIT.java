package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Needs a Docker engine and no server anywhere else, as {@code .ci/containers} provides. */
@Tag("containers")
@NoLeaks
class ContainerServerIT {
    @Test
    void takesTheServerOutOfTheImageAndRunsItAsAnyOther() {
        String image = System.getProperty(ContainerImage.PROPERTY, "");
        assertThat(image).as("the image, named by " + ContainerImage.PROPERTY).isNotEmpty();

        NatsServerBinary found = NatsServerBinary.find();
        assertThat(found.origin()).startsWith("image " + image);
        assertThat(ServerVersion.of(found.executable())).isEqualTo(found.version());

        // Once is enough.
        assertThat(NatsServerBinary.find())
                .isEqualTo(new NatsServerBinary(found.executable(), found.version(), "cache"));

        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = NatsClient.connect(server.url())) {
            client.subscribe("greet", message -> message.respond("hello".getBytes(StandardCharsets.UTF_8)));
            byte[] answer =
                    client.request("greet", new byte[0], Duration.ofSeconds(5)).payload();

            assertThat(answer).asString(StandardCharsets.UTF_8).isEqualTo("hello");
            assertThat(server.monitoring("/varz").path("version").asText())
                    .isEqualTo(found.version().text());
            assertThat(server.monitoring("/varz").path("in_msgs").asInt()).isEqualTo(2);
        }
    }
}
