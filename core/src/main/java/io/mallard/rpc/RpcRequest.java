package io.mallard.rpc;

import org.jspecify.annotations.Nullable;

/**
 * A call: {@code protos.Request}.
 *
 * @param type of whom it comes
 * @param session on whose behalf; null for nobody's
 * @param message what it is about; there even if empty, because Pitaya's servers want it
 * @param frontendId the frontend it comes from, empty for none
 * @param metadata a JSON object with at least one key, or Pitaya's servers refuse it; if it is empty, the {@link RpcClient} says who
 *     calls and how long it waits. Nobody changes it any more
 */
// A carrier: nobody compares two of them.
@SuppressWarnings("ArrayRecordComponent")
public record RpcRequest(
        Type type, @Nullable RpcSession session, RpcMessage message, String frontendId, byte[] metadata) {
    /** {@code protos.RPCType}. */
    public enum Type {
        /** Of a frontend, for a client. */
        SYS(0),
        /** Of a server, for itself. */
        USER(1);

        final int number;

        Type(int number) {
            this.number = number;
        }

        static Type of(int number) {
            return number == USER.number ? USER : SYS;
        }
    }

    private static final byte[] NOTHING = {};

    /**
     * A call from server to server.
     *
     * @param route {@code type.service.method}, or {@code service.method}
     * @param argument what the handler gets; nobody changes it any more
     * @return the call, whose metadata is filled in by the {@link RpcClient}
     */
    public static RpcRequest user(String route, byte[] argument) {
        return new RpcRequest(
                Type.USER, null, new RpcMessage(0, route, argument, "", RpcMessage.Type.REQUEST), "", NOTHING);
    }

    RpcRequest withMetadata(byte[] json) {
        return new RpcRequest(type, session, message, frontendId, json);
    }

    byte[] encode() {
        ProtoWriter out = new ProtoWriter().varint(1, type.number);
        if (session != null) {
            out.message(2, session.encode());
        }
        return out.message(3, message.encode())
                .string(4, frontendId)
                .bytes(5, metadata)
                .toBytes();
    }

    static RpcRequest decode(byte[] bytes) {
        ProtoReader in = new ProtoReader(bytes);
        int type = 0;
        ProtoReader session = null;
        ProtoReader message = null;
        String frontendId = "";
        byte[] metadata = NOTHING;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = (int) in.varint(type);
                case 2 -> session = in.message(session);
                case 3 -> message = in.message(message);
                case 4 -> frontendId = in.string(frontendId);
                case 5 -> metadata = in.bytes(metadata);
                default -> {}
            }
        }
        return new RpcRequest(
                Type.of(type),
                session == null ? null : RpcSession.decode(session),
                message == null ? RpcMessage.NONE : RpcMessage.decode(message),
                frontendId,
                metadata);
    }
}
