package io.mallard.rpc;

import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Why a call has failed: {@code protos.Error}.
 *
 * @param code such as {@code PIT-404}; of one that is empty on the wire, {@code PIT-000}
 * @param message for people
 * @param metadata more of it, such as the route
 */
// Map.copyOf() makes one that is serializable.
@SuppressWarnings("serial")
public record RpcError(String code, String message, Map<String, String> metadata) implements Serializable {
    /** Something, nobody knows what. */
    public static final String UNKNOWN = "PIT-000";

    /** What was sent cannot be read. */
    public static final String BAD_REQUEST = "PIT-400";

    /** There is no such route, or no server for it. */
    public static final String NOT_FOUND = "PIT-404";

    /** Anything else went wrong. */
    public static final String INTERNAL = "PIT-500";

    /** The service cannot take it now. */
    public static final String UNAVAILABLE = "PIT-503";

    /** No answer came in time. */
    public static final String TIMEOUT = "PIT-504";

    /**
     * An error, whose metadata is copied.
     */
    public RpcError {
        code = code.isEmpty() ? UNKNOWN : code;
        Objects.requireNonNull(message, "the message of an RpcError is null");
        metadata = Map.copyOf(metadata);
    }

    /**
     * Without metadata.
     *
     * @param code such as {@code PIT-404}
     * @param message for people
     */
    public RpcError(String code, String message) {
        this(code, message, Map.of());
    }

    byte[] encode() {
        ProtoWriter out = new ProtoWriter().string(1, code).string(2, message);
        new TreeMap<>(metadata)
                .forEach((key, value) -> out.message(
                        3, new ProtoWriter().string(1, key).string(2, value).toBytes()));
        return out.toBytes();
    }

    static RpcError decode(ProtoReader in) {
        String code = "";
        String message = "";
        Map<String, String> metadata = new TreeMap<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> code = in.string(code);
                case 2 -> message = in.string(message);
                case 3 -> putEntry(metadata, in.message(null));
                default -> {}
            }
        }
        return new RpcError(code, message, metadata);
    }

    private static void putEntry(Map<String, String> metadata, @Nullable ProtoReader in) {
        if (in == null) {
            return;
        }
        String key = "";
        String value = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string(key);
                case 2 -> value = in.string(value);
                default -> {}
            }
        }
        metadata.put(key, value);
    }
}
