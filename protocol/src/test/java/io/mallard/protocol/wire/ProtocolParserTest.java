package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolParserTest {
    private static final String HEADER_BLOCK = "NATS/1.0\r\nKind: mallard\r\nKind: wild\r\n\r\n";

    @Test
    void readsARecordedSessionTheSameAtEverySplit() {
        List<String> events = new ServerBytes(RecordedSession.bytes(), WireLimits.DEFAULTS).outcomeOfEverySplit();

        byte[] binary = new byte[700];
        for (int i = 0; i < binary.length; i++) {
            binary[i] = (byte) (i % 251);
        }
        String binaryPayload = " [" + new String(binary, ISO_8859_1) + "]";
        assertThat(events)
                .filteredOn(event -> !event.startsWith("INFO") && !event.equals("+OK"))
                .containsExactly(
                        "PONG",
                        "MSG pond.plain 1 [quack]",
                        "MSG pond.empty 1 []",
                        "MSG pond.reply 1 reply=_INBOX.m.1 [line\r\nbreak\0]",
                        "MSG pond.headers 1 headers=[" + HEADER_BLOCK + "] [abc]",
                        "MSG pond.headers.reply 1 reply=_INBOX.m.2 headers=[" + HEADER_BLOCK + "] []",
                        "MSG pond.queue 1" + binaryPayload,
                        "MSG pond.queue 9007199254740993" + binaryPayload,
                        "MSG teich.ente.ä 22 [quÃ¤k!]",
                        "MSG _INBOX.m.3 3 headers=[NATS/1.0 503\r\nNats-Subject: nobody.there\r\n\r\n] []",
                        "-ERR Permissions Violation for Publish to \"forbidden.fruit\"",
                        "PING",
                        "PONG");
        assertThat(events).filteredOn("+OK"::equals).hasSize(14);
        assertThat(events).filteredOn(event -> event.startsWith("INFO")).hasSize(3);
    }

    @Test
    void reportsTheInfosOfARecordedSession() throws ProtocolException {
        List<ServerInfo> infos = new ArrayList<>();
        new ProtocolParser(WireLimits.DEFAULTS).parse(ByteBuffer.wrap(RecordedSession.bytes()), new IgnoringHandler() {
            @Override
            public void onInfo(ServerInfo info) {
                infos.add(info);
            }
        });

        assertThat(infos).hasSize(3).allSatisfy(info -> {
            assertThat(info.version()).isEqualTo("2.15.1");
            assertThat(info.maxPayload()).isEqualTo(1_048_576);
            assertThat(info.headers()).isTrue();
            assertThat(info.cluster()).isEqualTo("duck_pond");
        });
        assertThat(infos).extracting(ServerInfo::connectInfo).containsExactly(false, true, false);
        assertThat(infos).extracting(ServerInfo::lameDuck).containsExactly(false, false, true);
        assertThat(infos).extracting(info -> info.connectUrls().size()).containsExactly(2, 2, 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MSG a.b 7 r.s 2\r\nhi\r\n",
                "msg a.b 7 r.s 2\r\nhi\r\n",
                "mSg\ta.b\t7\tr.s\t2\r\nhi\r\n",
                "MSG  a.b \t 7\t\tr.s   2 \t\r\nhi\r\n",
                "MSG a.b 7 r.s 2\nhi\r\n",
                "MSG a.b 0007 r.s 02\r\nhi\r\n"
            })
    void readsAMessageWhateverItsCaseAndSeparators(String text) {
        assertThat(ServerBytes.of(text).outcomeOfEverySplit()).containsExactly("MSG a.b 7 reply=r.s [hi]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"PING\r\n\" | PING",
                "\"ping\n\" | PING",
                "\"PoNg \t\r\n\" | PONG",
                "\"+OK\n\" | +OK",
                "\"+ok \r\n\" | +OK",
                "\"-ERR 'Stale Connection'\r\n\" | -ERR Stale Connection",
                "\"-err\tno quotes\r\n\" | -ERR no quotes",
                "\"-ERR 'it''s'\r\n\" | -ERR it''s",
                "\"-ERR '\r\n\" | -ERR '",
            })
    void readsLinesWithoutPayload(String text, String event) {
        assertThat(ServerBytes.of(text).outcomeOfEverySplit()).containsExactly(event);
    }

    @Test
    void reportsAnErrorWithoutText() {
        assertThat(ServerBytes.of("-ERR\r\n-ERR ''\n").outcomeOfEverySplit()).containsExactly("-ERR ", "-ERR ");
    }

    @Test
    void doesNotLookIntoHeaderBlocks() {
        assertThat(ServerBytes.of("HMSG a 1 4 6\r\n\r\n\0\thi\r\nHMSG a 1 0 2\r\nhi\r\nHMSG a 1 r 0 0\r\n\r\n")
                        .outcomeOfEverySplit())
                .containsExactly(
                        "MSG a 1 headers=[\r\n\0\t] [hi]", "MSG a 1 headers=[] [hi]", "MSG a 1 reply=r headers=[] []");
    }

    @Test
    void doesNotTakeAPayloadForALine() {
        assertThat(ServerBytes.of("MSG a 1 12\r\nPING\r\nPONG\r\n\r\nPING\r\n").outcomeOfEverySplit())
                .containsExactly("MSG a 1 [PING\r\nPONG\r\n]", "PING");
    }

    @Test
    void readsALineLongerThanItsFirstScratch() {
        String subject = "a.".repeat(1_000) + "b";

        assertThat(ServerBytes.of("MSG " + subject + " 1 0\r\n\r\nPING\r\n").outcomeOfEverySplit())
                .containsExactly("MSG " + subject + " 1 []", "PING");
    }

    @Test
    void readsTheLargestSid() {
        assertThat(ServerBytes.of("MSG a 9223372036854775807 0\r\n\r\n").outcomeOfEverySplit())
                .containsExactly("MSG a 9223372036854775807 []");
    }

    @Test
    void sharesOneArrayAmongEmptyPayloads() throws ProtocolException {
        List<byte[]> payloads = new ArrayList<>();
        ProtocolHandler handler = new IgnoringHandler() {
            @Override
            public void onMessage(MessageView message) {
                payloads.add(message.payload());
            }
        };
        new ProtocolParser(WireLimits.DEFAULTS).parse(buffer("MSG a 1 0\r\n\r\nHMSG b 2 1 1\r\n!\r\n"), handler);
        new ProtocolParser(WireLimits.DEFAULTS).parse(buffer("MSG a 1 0\r\n\r\n"), handler);

        assertThat(payloads).hasSize(3);
        assertThat(payloads.get(1)).isSameAs(payloads.get(0));
        assertThat(payloads.get(2)).isSameAs(payloads.get(0));
    }

    @Test
    void showsTheSubjectByteByByte() throws ProtocolException {
        List<String> seen = new ArrayList<>();
        new ProtocolParser(WireLimits.DEFAULTS).parse(buffer("MSG ente.ä 1 0\r\n\r\n"), new IgnoringHandler() {
            @Override
            public void onMessage(MessageView message) {
                byte[] subject = new byte[message.subjectLength()];
                for (int i = 0; i < subject.length; i++) {
                    subject[i] = message.subjectByte(i);
                }
                seen.add(new String(subject, UTF_8));
                assertThat(message.subjectEquals(subject)).isTrue();
                assertThat(message.subjectEquals("ente.ä ".getBytes(UTF_8))).isFalse();
                assertThat(message.subjectEquals("ente".getBytes(UTF_8))).isFalse();
                assertThat(message.hasReply()).isFalse();
                assertThat(message.reply()).isNull();
                assertThat(message.headers()).isNull();
            }
        });

        assertThat(seen).containsExactly("ente.ä");
    }

    @Test
    void goesOnBehindTheEventWhoseHandlerThrew() throws ProtocolException {
        List<String> seen = new ArrayList<>();
        ProtocolHandler throwing = new ProtocolHandler() {
            @Override
            public void onInfo(ServerInfo info) {
                sawThen("INFO");
            }

            @Override
            public void onMessage(MessageView message) {
                sawThen("MSG " + message.subject());
            }

            @Override
            public void onPing() {
                sawThen("PING");
            }

            @Override
            public void onPong() {
                sawThen("PONG");
            }

            @Override
            public void onOk() {
                sawThen("+OK");
            }

            @Override
            public void onError(String message) {
                sawThen("-ERR " + message);
            }

            private void sawThen(String event) {
                seen.add(event);
                throw new IllegalStateException(event);
            }
        };
        ProtocolParser parser = new ProtocolParser(WireLimits.DEFAULTS);
        ByteBuffer in =
                buffer("INFO {}\r\nMSG a 1 2\r\nhi\r\nHMSG b 1 2 4\r\nhihi\r\nPING\r\nPONG\r\n+OK\r\n-ERR 'x'\r\nPI");
        for (String event : List.of("INFO", "MSG a", "MSG b", "PING", "PONG", "+OK", "-ERR x")) {
            assertThatThrownBy(() -> parser.parse(in, throwing))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(event);
        }
        parser.parse(in, throwing);

        assertThatThrownBy(() -> parser.parse(buffer("NG\r\n"), throwing)).hasMessage("PING");
        assertThatThrownBy(() -> parser.parse(buffer("????"), throwing))
                .hasMessage("unknown operation at stream offset " + (in.capacity() + 4) + ": \"????\"");
        assertThat(seen).containsExactly("INFO", "MSG a", "MSG b", "PING", "PONG", "+OK", "-ERR x", "PING");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 400\r\n", "PING 1\r\n", "MSG a 1 0\r\nX", "MSG a 1 0\r\n\rX", "INFO {]\r\n"})
    void staysDeadAfterARefusal(String refused) {
        ProtocolParser parser = new ProtocolParser(WireLimits.DEFAULTS);
        RecordingHandler recorded = new RecordingHandler();
        Throwable first = catchThrowable(() -> parser.parse(buffer("PONG\r\n" + refused), recorded));
        assertThat(first).isInstanceOf(ProtocolException.class);

        assertThatThrownBy(() -> parser.parse(buffer("\r\nPING\r\n"), recorded)).isSameAs(first);
        assertThatThrownBy(() -> parser.parse(buffer("\nPING\r\n"), recorded)).isSameAs(first);
        assertThat(recorded.events()).containsExactly("PONG");
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
