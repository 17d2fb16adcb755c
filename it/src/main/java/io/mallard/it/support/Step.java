package io.mallard.it.support;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;

/**
 * One thing a {@link ScriptedServer} does on a connection. When the last step is done the connection stays open and silent.
 *
 * <p>Threading: run on the connection's script thread; immutable.
 */
@FunctionalInterface
public interface Step {
    /** How long {@link #expect} waits for the client. */
    Duration EXPECT_TIMEOUT = Duration.ofSeconds(5);

    void run(ScriptedConnection connection) throws IOException;

    /** Bytes as they are, for example two commands in one segment. */
    static Step send(byte[] bytes) {
        return connection -> connection.send(bytes);
    }

    /** Text as it is: line ends are the caller's. */
    static Step send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** An INFO as a current server sends it. */
    static Step info() {
        return info(Map.of());
    }

    /** An INFO as a current server sends it, with the given fields instead of or beside its own. */
    static Step info(Map<String, Object> fields) {
        return connection -> connection.send(infoLine(connection.port(), fields));
    }

    /** Bytes that are no protocol, the same for the same seed. */
    static Step garbage(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return send(bytes);
    }

    /** Waits for a line that begins so; lines before it are passed over. */
    static Step expect(String prefix) {
        return connection -> connection.expect(prefix, EXPECT_TIMEOUT);
    }

    /** Everything a server does until its first PONG. */
    static Step handshake() {
        return handshake(Map.of());
    }

    static Step handshake(Map<String, Object> infoFields) {
        return connection -> {
            info(infoFields).run(connection);
            expect("CONNECT ").run(connection);
            expect("PING").run(connection);
            send("PONG\r\n").run(connection);
        };
    }

    /** An INFO, and an answer to every PING until the client closes: the handshake's too. */
    static Step serve() {
        return serve(Map.of());
    }

    static Step serve(Map<String, Object> infoFields) {
        return connection -> {
            info(infoFields).run(connection);
            answerPings().run(connection);
        };
    }

    /** Answers every PING until the client closes. */
    static Step answerPings() {
        return connection -> {
            while (connection.expectUnlessClosed("PING")) {
                send("PONG\r\n").run(connection);
            }
        };
    }

    static Step awaitClientClose(Duration timeout) {
        return connection -> connection.awaitClientClose(timeout);
    }

    static Step close() {
        return ScriptedConnection::close;
    }

    /** Ends the connection with an RST instead of a FIN. */
    static Step reset() {
        return ScriptedConnection::reset;
    }

    private static byte[] infoLine(int port, Map<String, Object> fields) {
        ObjectNode info = JsonNodeFactory.instance
                .objectNode()
                .put("server_id", "SCRIPTED" + port)
                .put("server_name", "scripted-" + port)
                .put("version", "2.10.0")
                .put("proto", 1)
                .put("host", "127.0.0.1")
                .put("port", port)
                .put("headers", true)
                .put("max_payload", 1 << 20);
        fields.forEach(info::putPOJO);
        return ("INFO " + info + "\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
