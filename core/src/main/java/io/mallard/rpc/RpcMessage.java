package io.mallard.rpc;

/**
 * What a call is about: {@code protos.Msg}.
 *
 * @param id of the client's request, 0 for none
 * @param route {@code type.service.method}, or {@code service.method}
 * @param data the argument; nobody changes it any more
 * @param reply a subject of the caller's, empty for none
 * @param type what is expected in return
 */
// A carrier: nobody compares two of them.
@SuppressWarnings("ArrayRecordComponent")
public record RpcMessage(long id, String route, byte[] data, String reply, Type type) {
    /** {@code protos.MsgType}. */
    public enum Type {
        /** An answer is. */
        REQUEST(0),
        /** None is; over NATS it is answered all the same, with "ack". */
        NOTIFY(1),
        /** It is the answer. */
        RESPONSE(2),
        /** None is. */
        PUSH(3);

        final int number;

        Type(int number) {
            this.number = number;
        }

        /** One that nobody knows yet is a request: an answer does no harm. */
        static Type of(int number) {
            for (Type type : values()) {
                if (type.number == number) {
                    return type;
                }
            }
            return REQUEST;
        }
    }

    private static final byte[] NOTHING = {};
    static final RpcMessage NONE = new RpcMessage(0, "", NOTHING, "", Type.REQUEST);

    byte[] encode() {
        return new ProtoWriter()
                .varint(1, id)
                .string(2, route)
                .bytes(3, data)
                .string(4, reply)
                .varint(5, type.number)
                .toBytes();
    }

    static RpcMessage decode(ProtoReader in) {
        long id = 0;
        String route = "";
        byte[] data = NOTHING;
        String reply = "";
        int type = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> id = in.varint(id);
                case 2 -> route = in.string(route);
                case 3 -> data = in.bytes(data);
                case 4 -> reply = in.string(reply);
                case 5 -> type = (int) in.varint(type);
                default -> {}
            }
        }
        return new RpcMessage(id, route, data, reply, Type.of(type));
    }
}
