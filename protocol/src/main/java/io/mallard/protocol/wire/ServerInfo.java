package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server says about itself in INFO, at connect and whenever it changes.
 *
 * <p>An absent or null field is an empty string, 0, false, an empty list or, where marked, null. Fields unknown to this
 * record are ignored.
 *
 * <p>Threading: immutable.
 *
 * @param protocol {@code proto}: 1 or more if the server sends INFO again when something changes
 * @param maxPayload largest message the server takes from this connection; {@link #DEFAULT_MAX_PAYLOAD} when absent
 * @param connectUrls {@code host:port} of servers of the cluster, this one possibly included
 * @param lameDuck {@code ldm}: the server is about to close its connections
 * @param connectInfo {@code connect_info}: this INFO answers the CONNECT of this connection
 */
public record ServerInfo(
        String serverId,
        String serverName,
        String version,
        int protocol,
        String host,
        int port,
        boolean headers,
        long maxPayload,
        boolean authRequired,
        boolean tlsRequired,
        boolean tlsAvailable,
        boolean tlsVerify,
        @Nullable String nonce,
        long clientId,
        @Nullable String clientIp,
        @Nullable String cluster,
        List<String> connectUrls,
        boolean lameDuck,
        boolean jetStream,
        boolean connectInfo,
        @Nullable String domain) {

    /** 1 MiB, what nats-server is configured with unless told otherwise. */
    public static final long DEFAULT_MAX_PAYLOAD = 1 << 20;

    private static final int MAX_PORT = 65_535;

    public ServerInfo {
        connectUrls = List.copyOf(connectUrls);
    }

    /** Reads the argument of an INFO line. */
    public static ServerInfo parse(byte[] json, int off, int len) throws ProtocolException {
        return parse(json, off, len, 0);
    }

    // {["field":value,…]}     https://docs.nats.io/reference/reference-protocols/nats-protocol#info
    static ServerInfo parse(byte[] json, int off, int len, long streamOffset) throws ProtocolException {
        Fields fields = new Fields(json, off, len, streamOffset);
        return new ServerInfo(
                fields.text("server_id", ""),
                fields.text("server_name", ""),
                fields.text("version", ""),
                (int) fields.number("proto", 0, Integer.MAX_VALUE),
                fields.text("host", ""),
                (int) fields.number("port", 0, MAX_PORT),
                fields.flag("headers"),
                fields.number("max_payload", DEFAULT_MAX_PAYLOAD, Long.MAX_VALUE),
                fields.flag("auth_required"),
                fields.flag("tls_required"),
                fields.flag("tls_available"),
                fields.flag("tls_verify"),
                fields.textOrNull("nonce"),
                fields.number("client_id", 0, Long.MAX_VALUE),
                fields.textOrNull("client_ip"),
                fields.textOrNull("cluster"),
                fields.texts("connect_urls"),
                fields.flag("ldm"),
                fields.flag("jetstream"),
                fields.flag("connect_info"),
                fields.textOrNull("domain"));
    }

    /** The members of the JSON object, read by name and type; the bytes are kept for the excerpt in an exception. */
    private static final class Fields {
        private final Map<String, @Nullable Object> members;
        private final byte[] json;
        private final int off;
        private final int len;
        private final long streamOffset;

        Fields(byte[] json, int off, int len, long streamOffset) throws ProtocolException {
            this.members = Json.readObject(json, off, len, streamOffset);
            this.json = json;
            this.off = off;
            this.len = len;
            this.streamOffset = streamOffset;
        }

        String text(String name, String absent) throws ProtocolException {
            String text = textOrNull(name);
            return text == null ? absent : text;
        }

        @Nullable
        String textOrNull(String name) throws ProtocolException {
            Object value = members.get(name);
            if (value == null) {
                return null;
            }
            if (value instanceof String text) {
                return text;
            }
            throw wrongType(name, "a string");
        }

        long number(String name, long absent, long max) throws ProtocolException {
            Object value = members.get(name);
            if (value == null) {
                return absent;
            }
            if (value instanceof Long number && number >= 0 && number <= max) {
                return number;
            }
            throw wrongType(name, "an integer from 0 to " + max);
        }

        boolean flag(String name) throws ProtocolException {
            Object value = members.get(name);
            if (value == null) {
                return false;
            }
            if (value instanceof Boolean flag) {
                return flag;
            }
            throw wrongType(name, "true or false");
        }

        List<String> texts(String name) throws ProtocolException {
            Object value = members.get(name);
            if (value == null) {
                return List.of();
            }
            if (!(value instanceof List<?> elements)) {
                throw wrongType(name, "a list of strings");
            }
            List<String> texts = new ArrayList<>(elements.size());
            for (Object element : elements) {
                if (!(element instanceof String text)) {
                    throw wrongType(name, "a list of strings");
                }
                texts.add(text);
            }
            return texts;
        }

        private ProtocolException wrongType(String name, String expected) {
            byte[] found = String.valueOf(members.get(name)).getBytes(UTF_8);
            return new ProtocolException(
                    "INFO field " + name + " is not " + expected + ": "
                            + ProtocolException.excerpt(found, 0, found.length),
                    streamOffset,
                    json,
                    off,
                    off + len);
        }
    }
}
