package io.mallard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.mallard.Headers.Entry;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {
    @Test
    void keepOrderCaseAndRepetition() {
        Headers headers = Headers.of("b", "1").with("A", "2").with("a", "3").with("b", "4");

        assertThat(headers.entries())
                .containsExactly(new Entry("b", "1"), new Entry("A", "2"), new Entry("a", "3"), new Entry("b", "4"));
        assertThat(headers.all("b")).containsExactly("1", "4");
        assertThat(headers.first("a")).isEqualTo("3");
        assertThat(headers.all("a")).containsExactly("3");
        assertThat(headers.firstIgnoreCase("a")).isEqualTo("2");
        assertThat(headers.allIgnoreCase("a")).containsExactly("2", "3");
        assertThat(headers.first("B")).isNull();
        assertThat(headers.firstIgnoreCase("c")).isNull();
        assertThat(headers.all("c")).isEmpty();
    }

    @Test
    void areNotChangedByWhatIsMadeOfThem() {
        Headers first = Headers.of("a", "1").with("A", "2");

        assertThat(first.with("b", "3").without("a").entries())
                .containsExactly(new Entry("A", "2"), new Entry("b", "3"));

        assertThat(first.entries()).containsExactly(new Entry("a", "1"), new Entry("A", "2"));
        assertThat(Headers.NONE.isEmpty()).isTrue();
    }

    @Test
    void goOutAsTheProtocolWantsThem() {
        assertThat(text(Headers.of("Header1", "X").with("Header1", "Y").with("Header2", "")))
                .isEqualTo("NATS/1.0\r\nHeader1: X\r\nHeader1: Y\r\nHeader2: \r\n\r\n");
        assertThat(Headers.NONE.block()).isNull();
        assertThat(Headers.of("a", "1").without("a").block()).isNull();
    }

    @Test
    void comeInAsTheyWentOut() {
        Headers sent = Headers.of("Trace-Id", "7f3a")
                .with("trace-id", "")
                .with("!#$%&'*+-./09;<=>?@AZ[\\]^_`az{|}~", "a:b, c \t d")
                .with("Trace-Id", "größe 日本 🦆");

        Headers received = HeaderBlock.read(sent.block());

        assertThat(received.entries()).isEqualTo(sent.entries());
        assertThat(received.isMalformed()).isFalse();
        assertThat(received.status()).isZero();
        assertThat(received.block()).isEqualTo(sent.block());
    }

    @Test
    void spacesAroundAValueAreNoPartOfIt() {
        assertThat(Headers.of("a", " \t1 2\t ").first("a")).isEqualTo("1 2");
        assertThat(Headers.of("a", "\u00a01\f").first("a")).isEqualTo("\u00a01\f");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a:b", "a b", "a\rb", "a\nb", "a\r\nEvil: 1\r\n", "a\tb", "größe", "a\u007f"})
    void refuseANameThatWouldNotArrive(String name) {
        assertThatThrownBy(() -> Headers.of(name, "1"))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_ARG))
                .hasMessageMatching("(?i).*header.*name.*"); // On one line, whatever the name.
    }

    @ParameterizedTest
    @ValueSource(strings = {"1\r\nEvil: 1", "1\n", "\r", "1\r\n\r\npayload"})
    void refuseAValueThatIsMoreThanALine(String value) {
        assertThatThrownBy(() -> Headers.of("Good", value))
                .isInstanceOfSatisfying(
                        NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.INVALID_ARG))
                .hasMessageMatching("value of header \"Good\" has U\\+000[AD] at index [01], must be one line");
    }

    static Stream<Arguments> receivedBlocks() {
        return Stream.of(
                // What is in order, if not what everybody sends.
                arguments("NATS/1.0\r\n\r\n", "", 0, "", false),
                arguments("NATS/1.0\r\na:1\r\n\r\n", "a=1", 0, "", false),
                arguments("NATS/1.0\r\na: \t1 \t\r\nb:\r\nc:   \r\n\r\n", "a=1,b=,c=", 0, "", false),
                arguments("NATS/1.0\r\na: b:c: d\r\na: b:c: d\r\n\r\n", "a=b:c: d,a=b:c: d", 0, "", false),
                arguments("NATS/1.0\r\na: é日🦆\r\n\r\n", "a=é日🦆", 0, "", false),
                arguments("NATS/1.0  \r\na: 1\r\n\r\n", "a=1", 0, "", false),
                arguments("NATS/1.0\na: 1\n\n", "a=1", 0, "", false),
                arguments("NATS/1.0\r\na: 1\r\n", "a=1", 0, "", false),
                arguments("NATS/1.0\r\na: 1", "a=1", 0, "", false),
                arguments("NATS/1.0", "", 0, "", false),
                arguments("", "", 0, "", false),
                // A status.
                arguments("NATS/1.0 503\r\n\r\n", "", 503, "", false),
                arguments("NATS/1.0 503 No Responders\r\n\r\n", "", 503, "No Responders", false),
                arguments("NATS/1.0   503   No  Responders  \r\n\r\n", "", 503, "No  Responders", false),
                arguments("NATS/1.0 100 Idle Heartbeat\r\na: 1\r\n\r\n", "a=1", 100, "Idle Heartbeat", false),
                arguments("NATS/1.0 abc\r\na: 1\r\n\r\n", "a=1", 0, "", true),
                arguments("NATS/1.0 5031\r\n\r\n", "", 0, "", true),
                arguments("NATS/1.0 50\r\n\r\n", "", 0, "", true),
                arguments("NATS/1.0 -50\r\n\r\n", "", 0, "", true),
                arguments("NATS/1.0503\r\n\r\n", "", 0, "", true),
                arguments("NATS/1.0 99999999999999999999\r\n\r\n", "", 0, "", true),
                arguments("NATS/1.0 503 a\rb\r\na: 1\r\n\r\n", "a=1", 0, "", true),
                // What is not.
                arguments("NATS/1.1\r\na: 1\r\n\r\n", "a=1", 0, "", true),
                arguments("garbage\r\na: 1\r\n\r\n", "a=1", 0, "", true),
                arguments("a: 1\r\nb: 2\r\n\r\n", "b=2", 0, "", true),
                arguments("\r\n", "", 0, "", true),
                arguments("\r\n\r\n", "", 0, "", true),
                arguments("NATS/1.0\r\nno colon\r\na: 1\r\n\r\n", "a=1", 0, "", true),
                arguments("NATS/1.0\r\n: 1\r\na: 1\r\n\r\n", "a=1", 0, "", true),
                arguments("NATS/1.0\r\na b: 1\r\na : 2\r\n c: 3\r\nd: 4\r\n\r\n", "d=4", 0, "", true),
                arguments("NATS/1.0\r\né: 1\r\na: 1\r\n\r\n", "a=1", 0, "", true),
                arguments("NATS/1.0\r\na: 1\rEvil: 2\r\nb: 3\r\n\r\n", "b=3", 0, "", true),
                arguments("NATS/1.0\r\na: 1\r\r\nb: 3\r\n\r\n", "b=3", 0, "", true),
                arguments("NATS/1.0\r\na: 1\r\n\r\nb: 2\r\n\r\n", "a=1", 0, "", true));
    }

    @ParameterizedTest
    @MethodSource("receivedBlocks")
    void sayOfAReceivedBlockWhatCanBeSaid(
            String block, String entries, int status, String description, boolean malformed) {
        Headers headers = HeaderBlock.read(block.getBytes(UTF_8));

        assertThat(headers.entries().stream()
                        .map(entry -> entry.name() + "=" + entry.value())
                        .collect(joining(",")))
                .isEqualTo(entries);
        assertThat(headers.status()).isEqualTo(status);
        assertThat(headers.description()).isEqualTo(description);
        assertThat(headers.isMalformed()).isEqualTo(malformed);
    }

    @Test
    void whatIsNoUtf8DoesNoHarm() {
        Headers headers = HeaderBlock.read("NATS/1.0\r\na: \u00e9\u00ff\r\nb: 2\r\n\r\n".getBytes(ISO_8859_1));

        assertThat(headers.entries()).containsExactly(new Entry("a", "\ufffd\ufffd"), new Entry("b", "2"));
    }

    @Test
    void whateverComesInIsReadAndGoesOutAsProperHeaders() {
        Random random = new Random(1);
        String[] pieces = {"NATS/1.0", "\r\n", "\r", "\n", ":", " ", "a", "é", "503", "\t", "\u0000", "b: 2\r\n"};
        for (int i = 0; i < 20_000; i++) {
            String block = random.ints(random.nextInt(20), 0, pieces.length)
                    .mapToObj(piece -> pieces[piece])
                    .collect(joining());
            byte[] bytes = block.getBytes(UTF_8);
            Headers headers = HeaderBlock.read(Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
            if (!headers.isEmpty()) {
                Headers passedOn = HeaderBlock.read(headers.block());
                assertThat(passedOn.isMalformed()).isFalse();
                assertThat(passedOn.entries()).isEqualTo(headers.entries());
            }
        }
    }

    @Test
    void statusAndDefectsAreNotSentOn() {
        Headers received = HeaderBlock.read("NATS/1.0 503 No\r\na: 1\r\ngarbage\r\n\r\n".getBytes(UTF_8));
        assertThat(received.isMalformed()).isTrue();

        Headers sent = received.with("b", "2");

        assertThat(sent.status()).isZero();
        assertThat(sent.isMalformed()).isFalse();
        assertThat(text(sent)).isEqualTo("NATS/1.0\r\na: 1\r\nb: 2\r\n\r\n");
        assertThat(text(received)).isEqualTo("NATS/1.0\r\na: 1\r\n\r\n");
    }

    @Test
    void valuesAreNotPrinted() {
        assertThat(Headers.of("Authorization", "s3cret").with("b", "x")).hasToString("Headers[names=Authorization, b]");
        assertThat(HeaderBlock.read("NATS/1.0 503\r\n\r\n".getBytes(UTF_8))).hasToString("Headers[status=503, names=]");
    }

    private static String text(Headers headers) {
        return new String(headers.block(), UTF_8);
    }
}
