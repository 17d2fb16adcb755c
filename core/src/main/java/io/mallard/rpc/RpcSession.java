package io.mallard.rpc;

/**
 * The user on whose behalf a call is made: {@code protos.Session}.
 *
 * @param id at the frontend
 * @param uid of the user, empty if it is not known
 * @param data JSON; nobody changes it any more
 */
// A carrier: nobody compares two of them.
@SuppressWarnings("ArrayRecordComponent")
public record RpcSession(long id, String uid, byte[] data) {
    byte[] encode() {
        return new ProtoWriter().varint(1, id).string(2, uid).bytes(3, data).toBytes();
    }

    static RpcSession decode(ProtoReader in) {
        long id = 0;
        String uid = "";
        byte[] data = {};
        while (in.next()) {
            switch (in.field()) {
                case 1 -> id = in.varint(id);
                case 2 -> uid = in.string(uid);
                case 3 -> data = in.bytes(data);
                default -> {}
            }
        }
        return new RpcSession(id, uid, data);
    }
}
