package io.mallard.rpc;

import org.jspecify.annotations.Nullable;

/**
 * What a call is answered with: {@code protos.Response}.
 *
 * @param data what the handler has returned; nobody changes it any more
 * @param error null if it went well
 */
// A carrier: nobody compares two of them.
@SuppressWarnings("ArrayRecordComponent")
public record RpcResponse(byte[] data, @Nullable RpcError error) {
    private static final byte[] NOTHING = {};

    /**
     * It went well.
     *
     * @param data what to return
     * @return the response
     */
    public static RpcResponse of(byte[] data) {
        return new RpcResponse(data, null);
    }

    /**
     * It did not.
     *
     * @param code such as {@code PIT-500}
     * @param message for people
     * @return the response
     */
    public static RpcResponse failed(String code, String message) {
        return failed(new RpcError(code, message));
    }

    /**
     * It did not, for a reason that has more to it.
     *
     * @param error the reason
     * @return the response
     */
    public static RpcResponse failed(RpcError error) {
        return new RpcResponse(NOTHING, error);
    }

    byte[] encode() {
        ProtoWriter out = new ProtoWriter().bytes(1, data);
        if (error != null) {
            out.message(2, error.encode());
        }
        return out.toBytes();
    }

    static RpcResponse decode(byte[] bytes) {
        ProtoReader in = new ProtoReader(bytes);
        byte[] data = NOTHING;
        ProtoReader error = null;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> data = in.bytes(data);
                case 2 -> error = in.message(error);
                default -> {}
            }
        }
        return new RpcResponse(data, error == null ? null : RpcError.decode(error));
    }
}
