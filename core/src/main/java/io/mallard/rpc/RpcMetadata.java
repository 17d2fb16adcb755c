package io.mallard.rpc;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The JSON object that goes along with every call: Pitaya's servers refuse one without. */
final class RpcMetadata {
    private RpcMetadata() {}

    static byte[] of(PitayaServer peer, Duration timeout) {
        String json = "{\"peer.id\":" + quote(peer.id()) + ",\"peer.service\":" + quote(peer.type())
                + ",\"reqTimeout\":" + quote(goDuration(timeout)) + "}";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    /** Names have no control characters. */
    private static String quote(String name) {
        return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** As Go reads it: a number instead of a string would end its server. */
    static String goDuration(Duration duration) {
        long milliseconds = Math.max(1, duration.toMillis());
        return milliseconds % 1_000 == 0 ? milliseconds / 1_000 + "s" : milliseconds + "ms";
    }
}
