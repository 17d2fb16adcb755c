package io.mallard.rpc;

/** What servers tell each other about users: {@code protos.Push}, {@code KickMsg}, {@code KickAnswer} and {@code BindMsg}. */
final class UserMessages {
    private static final byte[] NOTHING = {};

    private UserMessages() {}

    // A carrier: nobody compares two of them.
    @SuppressWarnings("ArrayRecordComponent")
    record Push(String route, String userId, byte[] data) {
        byte[] encode() {
            return new ProtoWriter()
                    .string(1, route)
                    .string(2, userId)
                    .bytes(3, data)
                    .toBytes();
        }

        static Push decode(byte[] bytes) {
            ProtoReader in = new ProtoReader(bytes);
            String route = "";
            String userId = "";
            byte[] data = NOTHING;
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> route = in.string(route);
                    case 2 -> userId = in.string(userId);
                    case 3 -> data = in.bytes(data);
                    default -> {}
                }
            }
            return new Push(route, userId, data);
        }
    }

    record Kick(String userId) {
        byte[] encode() {
            return new ProtoWriter().string(1, userId).toBytes();
        }

        static Kick decode(byte[] bytes) {
            ProtoReader in = new ProtoReader(bytes);
            String userId = "";
            while (in.next()) {
                if (in.field() == 1) {
                    userId = in.string(userId);
                }
            }
            return new Kick(userId);
        }
    }

    record KickAnswer(boolean kicked) {
        byte[] encode() {
            return new ProtoWriter().varint(1, kicked ? 1 : 0).toBytes();
        }
    }

    record Binding(String userId, String frontendId) {
        byte[] encode() {
            return new ProtoWriter().string(1, userId).string(2, frontendId).toBytes();
        }

        static Binding decode(byte[] bytes) {
            ProtoReader in = new ProtoReader(bytes);
            String userId = "";
            String frontendId = "";
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> userId = in.string(userId);
                    case 2 -> frontendId = in.string(frontendId);
                    default -> {}
                }
            }
            return new Binding(userId, frontendId);
        }
    }
}
