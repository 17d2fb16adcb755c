package io.mallard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextOptionTest {
    private static Properties properties(String... keysAndValues) {
        Properties properties = new Properties();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.setProperty(keysAndValues[i], keysAndValues[i + 1]);
        }
        return properties;
    }

    @Test
    void everyOptionCanBeReadFromPropertiesAsItIsSaid() {
        NatsOptions options = OptionsTest.everyOption().build();
        Properties properties = new Properties();
        TextOption.say(options).forEach((name, text) -> properties.setProperty("mallard." + name, text));
        properties.setProperty("mallard.password", "quack");
        properties.setProperty("mallard.tlsTrustStorePassword", "webbed");
        properties.setProperty("mallard.tlsKeyStorePassword", "feet");

        NatsOptions read = NatsOptions.fromProperties(properties).build();

        assertThat(read).hasToString(options.toString());
        assertThat(read.auth()).isEqualTo(options.auth());
        assertThat(read.tls()).isEqualTo(options.tls());
    }

    @Test
    void everyOptionCanBeReadFromTheEnvironmentAsItIsSaid() {
        NatsOptions options = OptionsTest.everyOption().build();
        Map<String, String> environment = new HashMap<>();
        TextOption.say(options).forEach((name, text) -> environment.put(variable(name), text));
        environment.put("MALLARD_PASSWORD", "quack");
        environment.put("MALLARD_TLS_TRUST_STORE_PASSWORD", "webbed");
        environment.put("MALLARD_TLS_KEY_STORE_PASSWORD", "feet");

        NatsOptions read = NatsOptions.fromEnvironment(environment).build();

        assertThat(environment).containsEntry("MALLARD_HOT_SWAP_TIMEOUT", "10ms");
        assertThat(read).hasToString(options.toString());
        assertThat(read.auth()).isEqualTo(options.auth());
        assertThat(read.tls()).isEqualTo(options.tls());
    }

    private static String variable(String name) {
        return "MALLARD_" + name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
    }

    @Test
    void whatIsNotSaidHasItsDefault() {
        NatsOptions read = NatsOptions.fromProperties(properties("other.standbys", "5", "mallardstandbys", "6"))
                .seed(0)
                .build();

        assertThat(read).hasToString(NatsOptions.builder().seed(0).build().toString());
        assertThat(NatsOptions.fromEnvironment(Map.of("HOME", "/")).seed(0).build())
                .hasToString(read.toString());
    }

    @Test
    void propertiesMayHaveDefaultsOfTheirOwnAndValuesThatAreNoText() {
        Properties properties = new Properties(properties("mallard.standbys", "2", "mallard.name", "default"));
        properties.put("mallard.standbys", 3);
        properties.put("mallard.noEcho", true);

        NatsOptions read = NatsOptions.fromProperties(properties).build();

        assertThat(read.hotSwap().standbys()).isEqualTo(3);
        assertThat(read.connection().echo()).isFalse();
        assertThat(read.name()).isEqualTo("default");
    }

    @ParameterizedTest
    @CsvSource({
        "250, PT0.25S",
        "250ms, PT0.25S",
        "2s, PT2S",
        "1m, PT1M",
        "1 h, PT1H",
        "PT0.5S, PT0.5S",
        "pt3s, PT3S",
        "' 7s ', PT7S"
    })
    void durationsHaveAUnitOrAreMilliseconds(String text, Duration duration) {
        NatsOptions read = NatsOptions.fromProperties(properties("mallard.hotSwapTimeout", text))
                .build();

        assertThat(read.hotSwap().timeout()).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "8388608, 8388608", "8MiB, 8388608", "64 KiB, 65536", "3GiB, 3221225472", "1025, 1025"})
    void sizesHaveAUnitOrAreBytes(String text, long bytes) {
        NatsOptions read = NatsOptions.fromProperties(properties("mallard.requestBufferMaxBytes", text))
                .build();

        assertThat(read.requestBuffer().maxBytes()).isEqualTo(bytes);
    }

    @Test
    void constantsAndFlagsAreReadInAnyCase() {
        NatsOptions read = NatsOptions.fromProperties(
                        properties("mallard.lameDuckSubscribe", "reject", "mallard.hotSwapEnabled", "FALSE"))
                .build();

        assertThat(read.lameDuck().subscribe()).isEqualTo(LameDuckSubscribe.REJECT);
        assertThat(read.hotSwap().enabled()).isFalse();
    }

    @Test
    void theNamesOfTheCppClientAreUnderstood() {
        NatsOptions read = NatsOptions.fromProperties(
                        properties("mallard.natsAddr", "nats://a:1,nats://b:2", "mallard.reconnectBufSize", "16777216"))
                .build();
        NatsOptions fromEnvironment = NatsOptions.fromEnvironment(Map.of("MALLARD_NATS_ADDR", "nats://a:1"))
                .build();

        assertThat(read.servers()).containsExactly("nats://a:1", "nats://b:2");
        assertThat(read.reconnect().bufferBytes()).isEqualTo(16 << 20);
        assertThat(fromEnvironment.servers()).containsExactly("nats://a:1");
    }

    @Test
    void oneOptionUnderTwoNamesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromProperties(
                        properties("mallard.servers", "nats://a:1", "mallard.natsAddr", "nats://b:2")))
                .withMessage("mallard.natsAddr and mallard.servers are the same option");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hotSwapTimeout | soon | must be a number of milliseconds, or one with ms, s, m or h, or a duration like PT0.25S",
                "hotSwapTimeout | 2 days | must be a number of milliseconds, or one with ms, s, m or h, or a duration like PT0.25S",
                "hotSwapTimeout | 9223372036854775807h | must be a number of milliseconds, or one with ms, s, m or h, or a duration like PT0.25S",
                "hotSwapTimeout | P1Y | must be a number of milliseconds, or one with ms, s, m or h, or a duration like PT0.25S",
                "hotSwapTimeout | '' | must be a number of milliseconds, or one with ms, s, m or h, or a duration like PT0.25S",
                "requestBufferMaxBytes | 8MB | must be a number of bytes, or a number with KiB, MiB or GiB",
                "requestBufferMaxBytes | 9223372036854775807KiB | must be a number of bytes, or a number with KiB, MiB or GiB",
                "reconnectBufferSize | 2GiB | must be up to 2147483647 bytes, or a number with KiB, MiB or GiB",
                "standbys | two | must be a whole number up to 2147483647",
                "standbys | 2147483648 | must be a whole number up to 2147483647",
                "seed | 0x1 | must be a whole number of 64 bits",
                "hotSwapEnabled | yes | must be true or false",
                "handover | SOMETIMES | must be EXACT or AT_LEAST_ONCE"
            })
    void refusesWhatCannotBeReadNamingKeyValueAndWhatIsAllowed(String name, String text, String allowed) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromProperties(properties("mallard." + name, text)))
                .withMessage("mallard." + name + "=" + text + ", " + allowed);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromEnvironment(Map.of(variable(name), text)))
                .withMessage(variable(name) + "=" + text + ", " + allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mallard.pasword", "mallard.", "mallard.Password", "mallard.listener"})
    void refusesAKeyThatIsNoOptionWithoutRepeatingItsValue(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromProperties(properties(key, "secret")))
                .withMessageStartingWith(key + " is no option, must be one of [mallard.connectTimeout, ")
                .withMessageContaining("mallard.password")
                .withMessageNotContaining("secret");
    }

    @Test
    void whatCanBeReadIsStillCheckedAgainstItsBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromProperties(properties("mallard.standbys", "9"))
                        .build())
                .withMessage("standbys=9, must be from 0 to 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromProperties(properties("mallard.natsAddr", ""))
                        .build())
                .withMessage("servers: NATS address should not be empty");
    }

    @Test
    void secretsAreReadAsTheyStand() {
        NatsOptions read = NatsOptions.fromProperties(
                        properties("mallard.user", " donald ", "mallard.password", " quack "))
                .build();

        assertThat(read.auth()).isEqualTo(OptionsTest.user("donald", " quack "));
    }

    @Test
    void everyOptionIsSaidOnceInTheOrderOfTheTable() {
        Map<String, String> said = TextOption.say(OptionsTest.everyOption().build());

        assertThat(said.keySet()).first().isEqualTo("servers");
        assertThat(said)
                .containsEntry("servers", "nats://a:1,b:2,c")
                .containsEntry("noEcho", "true")
                .containsEntry("outboundBufferBytes", "1KiB")
                .containsEntry("requestBufferMaxBytes", "16")
                .containsEntry("standbyRefillJitter", "0s")
                .containsEntry("password", "***")
                .doesNotContainKeys("token", "nkeySeed", "nkeyFile", "jwt", "credentialsFile");
        assertThat(said).hasSize(TextOption.ALL.size() - 5);
    }

    @Test
    void otherWaysToIdentifyAreReadAndSaidWithoutTheirSecrets() {
        String seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
        NatsOptions key = NatsOptions.fromProperties(
                        properties("mallard.nkeySeed", " " + seed + "\n", "mallard.jwt", "j.w.t"))
                .build();
        NatsOptions file = NatsOptions.fromEnvironment(Map.of(
                        "MALLARD_CREDENTIALS_FILE",
                        "duck.creds",
                        "MALLARD_RENEW_CREDENTIALS_BEFORE",
                        "5m",
                        "MALLARD_SERVERS",
                        "nats://donald:quack@a:1,b,quack@c,nats://d"))
                .build();

        assertThat(key.auth().nkeySeed().get()).containsExactly(seed.toCharArray());
        assertThat(key.auth().jwt().get()).isEqualTo("j.w.t");
        assertThat(TextOption.say(key)).containsEntry("nkeySeed", "***").containsEntry("jwt", "***");
        assertThat(key.toString() + key.auth()).doesNotContain(seed, "j.w.t");
        assertThat(TextOption.say(file))
                .containsEntry("credentialsFile", "duck.creds")
                .containsEntry("renewCredentialsBefore", "300s")
                .containsEntry("servers", "nats://***@a:1,b,***@c,nats://d");
        assertThat(file.servers()).first().isEqualTo("nats://donald:quack@a:1");
        assertThat(file.toBuilder().build().auth()).isEqualTo(file.auth());
    }

    @Test
    void aSeedThatIsNoneIsRefusedWithoutRepeatingIt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsOptions.fromProperties(properties("mallard.nkeySeed", "quack"))
                        .build())
                .withMessage("nkeySeed: a seed of 5 characters, must be 58, beginning with SU");
    }
}
