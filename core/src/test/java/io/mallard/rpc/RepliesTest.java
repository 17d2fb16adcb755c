package io.mallard.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What becomes of an answer that cannot be sent, and what is answered to what was thrown (CONTRACT S83, J22–J25). */
class RepliesTest {
    private static final RpcResponse OK = RpcResponse.of("ok".getBytes(StandardCharsets.US_ASCII));

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.mallard.rpc");
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
    private final List<byte[]> sent = new ArrayList<>();

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
    }

    private List<String> lines() {
        return appender.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }

    /** Refuses answers that are longer, with that status. */
    private NatsMessage message(NatsStatus status, int longest) {
        return new NatsMessage("s", "r", new byte[0], (subject, payload) -> {
            if (payload.length > longest) {
                throw new NatsException(status, "why");
            }
            sent.add(payload);
        });
    }

    @Test
    void eachStatusHasItsLine() {
        Map.of(
                        NatsStatus.ILLEGAL_STATE,
                        "WARN Failed to publish RPC response - lame duck mode active",
                        NatsStatus.INSUFFICIENT_BUFFER,
                        "WARN Failed to publish RPC response - buffer full during lame duck mode",
                        NatsStatus.TIMEOUT,
                        "ERROR Failed to publish RPC response - timeout",
                        NatsStatus.CONNECTION_CLOSED,
                        "ERROR Failed to publish RPC response: Connection Closed")
                .forEach((status, line) -> {
                    appender.list.clear();
                    Replies.send(message(status, -1), OK);
                    assertThat(lines()).containsExactly(line);
                });
        assertThat(sent).isEmpty();
    }

    @Test
    void ofAnAnswerThatIsTooLargeTheOtherSideIsTold() {
        Replies.send(message(NatsStatus.MAX_PAYLOAD, 1_000), RpcResponse.of(new byte[2_000]));

        assertThat(sent).hasSize(1);
        RpcError error = RpcResponse.decode(sent.get(0)).error();
        assertThat(error)
                .isEqualTo(new RpcError("PIT-500", "the response has 2003 bytes, more than the server's max_payload"));
        assertThat(lines()).hasSize(1);
    }

    @Test
    void whereNotEvenThatFitsNothingGoesRound() {
        Replies.send(message(NatsStatus.MAX_PAYLOAD, 10), RpcResponse.of(new byte[2_000]));

        assertThat(sent).isEmpty();
        assertThat(lines()).hasSize(2);
    }

    @Test
    void whoeverWantsNoAnswerGetsNone() {
        Replies.send(new NatsMessage("s", null, new byte[0], (subject, payload) -> sent.add(payload)), OK);

        assertThat(sent).isEmpty();
        assertThat(lines()).isEmpty();
    }

    @Test
    void whatWasThrownIsAnswered() {
        RpcError own = new RpcError("PIT-422", "not like that", Map.of("a", "b"));
        assertThat(Replies.to(new RpcException(own), "r").error()).isEqualTo(own);
        assertThat(lines()).isEmpty();

        assertThat(Replies.to(new RpcFormatException("torn"), "r").error())
                .isEqualTo(new RpcError("PIT-400", "unable to decode msg: torn"));
        assertThat(Replies.to(new IOException("broken"), "r").error()).isEqualTo(new RpcError("PIT-500", "broken"));
        assertThat(Replies.to(new IllegalStateException(), "r").error())
                .isEqualTo(new RpcError("PIT-500", "java.lang.IllegalStateException"));
        assertThat(lines())
                .containsExactly(
                        "ERROR unable to decode msg from nats: torn",
                        "ERROR Handler failed: r",
                        "ERROR Handler failed: r");
    }
}
