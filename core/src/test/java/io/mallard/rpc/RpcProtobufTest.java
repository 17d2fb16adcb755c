package io.mallard.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference implementation of protobuf reads what is written here, and the other way round (CONTRACT §3). */
class RpcProtobufTest {
    private static final FileDescriptor PROTOS = protos();
    private static final HexFormat HEX = HexFormat.of();

    private static FileDescriptor protos() {
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("protos.proto")
                .setPackage("protos")
                .setSyntax("proto3")
                .addEnumType(enumeration("RPCType", "Sys", "User"))
                .addEnumType(enumeration("MsgType", "MsgRequest", "MsgNotify", "MsgResponse", "MsgPush"))
                .addMessageType(message("Session")
                        .addField(field("id", 1, FieldDescriptorProto.Type.TYPE_INT64))
                        .addField(field("uid", 2, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("data", 3, FieldDescriptorProto.Type.TYPE_BYTES)))
                .addMessageType(message("Msg")
                        .addField(field("id", 1, FieldDescriptorProto.Type.TYPE_UINT64))
                        .addField(field("route", 2, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("data", 3, FieldDescriptorProto.Type.TYPE_BYTES))
                        .addField(field("reply", 4, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("type", 5, FieldDescriptorProto.Type.TYPE_ENUM)
                                .setTypeName(".protos.MsgType")))
                .addMessageType(message("Request")
                        .addField(field("type", 1, FieldDescriptorProto.Type.TYPE_ENUM)
                                .setTypeName(".protos.RPCType"))
                        .addField(field("session", 2, FieldDescriptorProto.Type.TYPE_MESSAGE)
                                .setTypeName(".protos.Session"))
                        .addField(field("msg", 3, FieldDescriptorProto.Type.TYPE_MESSAGE)
                                .setTypeName(".protos.Msg"))
                        .addField(field("frontendID", 4, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("metadata", 5, FieldDescriptorProto.Type.TYPE_BYTES)))
                .addMessageType(message("Error")
                        .addField(field("code", 1, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("msg", 2, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("metadata", 3, FieldDescriptorProto.Type.TYPE_MESSAGE)
                                .setLabel(Label.LABEL_REPEATED)
                                .setTypeName(".protos.Error.MetadataEntry"))
                        .addNestedType(message("MetadataEntry")
                                .setOptions(MessageOptions.newBuilder().setMapEntry(true))
                                .addField(field("key", 1, FieldDescriptorProto.Type.TYPE_STRING))
                                .addField(field("value", 2, FieldDescriptorProto.Type.TYPE_STRING))))
                .addMessageType(message("Response")
                        .addField(field("data", 1, FieldDescriptorProto.Type.TYPE_BYTES))
                        .addField(field("error", 2, FieldDescriptorProto.Type.TYPE_MESSAGE)
                                .setTypeName(".protos.Error")))
                .addMessageType(message("Push")
                        .addField(field("route", 1, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("uid", 2, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("data", 3, FieldDescriptorProto.Type.TYPE_BYTES)))
                .addMessageType(message("KickMsg").addField(field("userId", 1, FieldDescriptorProto.Type.TYPE_STRING)))
                .addMessageType(message("KickAnswer").addField(field("kicked", 1, FieldDescriptorProto.Type.TYPE_BOOL)))
                .addMessageType(message("BindMsg")
                        .addField(field("uid", 1, FieldDescriptorProto.Type.TYPE_STRING))
                        .addField(field("fid", 2, FieldDescriptorProto.Type.TYPE_STRING)))
                .build();
        try {
            return FileDescriptor.buildFrom(file, new FileDescriptor[0]);
        } catch (DescriptorValidationException e) {
            throw new AssertionError(e);
        }
    }

    private static EnumDescriptorProto.Builder enumeration(String name, String... values) {
        EnumDescriptorProto.Builder builder = EnumDescriptorProto.newBuilder().setName(name);
        for (int i = 0; i < values.length; i++) {
            builder.addValue(
                    EnumValueDescriptorProto.newBuilder().setName(values[i]).setNumber(i));
        }
        return builder;
    }

    private static DescriptorProto.Builder message(String name) {
        return DescriptorProto.newBuilder().setName(name);
    }

    private static FieldDescriptorProto.Builder field(String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(Label.LABEL_OPTIONAL);
    }

    static LongStream seeds() {
        return LongStream.range(0, 500);
    }

    private static Descriptor type(String name) {
        return PROTOS.findMessageTypeByName(name);
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(40), 1, 0xd7ff)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static Object get(Message message, String name) {
        return message.getField(message.getDescriptorForType().findFieldByName(name));
    }

    private static byte[] bytesOf(Message message, String name) {
        return ((ByteString) get(message, name)).toByteArray();
    }

    private static RpcRequest request(Random random) {
        return new RpcRequest(
                RpcRequest.Type.of(random.nextInt(2)),
                random.nextBoolean() ? null : new RpcSession(random.nextLong(), text(random), bytes(random)),
                new RpcMessage(
                        random.nextLong(),
                        text(random),
                        bytes(random),
                        text(random),
                        RpcMessage.Type.of(random.nextInt(4))),
                text(random),
                bytes(random));
    }

    private static RpcResponse response(Random random) {
        Map<String, String> metadata = new TreeMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            metadata.put(text(random), text(random));
        }
        RpcError error =
                random.nextBoolean() ? null : new RpcError("PIT-" + random.nextInt(1_000), text(random), metadata);
        return new RpcResponse(bytes(random), error);
    }

    private static void assertSame(RpcRequest ours, Message theirs) {
        assertThat(ours.type().number).isEqualTo(number(theirs, "type", RpcRequest.Type.values().length, 0));
        assertThat(ours.session() != null)
                .isEqualTo(theirs.hasField(type("Request").findFieldByName("session")));
        if (ours.session() != null) {
            Message session = (Message) get(theirs, "session");
            assertThat(ours.session().id()).isEqualTo(get(session, "id"));
            assertThat(ours.session().uid()).isEqualTo(get(session, "uid"));
            assertThat(ours.session().data()).isEqualTo(bytesOf(session, "data"));
        }
        Message message = (Message) get(theirs, "msg");
        assertThat(ours.message().id()).isEqualTo(get(message, "id"));
        assertThat(ours.message().route()).isEqualTo(get(message, "route"));
        assertThat(ours.message().data()).isEqualTo(bytesOf(message, "data"));
        assertThat(ours.message().reply()).isEqualTo(get(message, "reply"));
        assertThat(ours.message().type().number).isEqualTo(number(message, "type", RpcMessage.Type.values().length, 0));
        assertThat(ours.frontendId()).isEqualTo(get(theirs, "frontendID"));
        assertThat(ours.metadata()).isEqualTo(bytesOf(theirs, "metadata"));
    }

    /** Of an enumeration; one that is unknown is another one here. */
    private static int number(Message message, String name, int known, int otherwise) {
        int number = ((EnumValueDescriptor) get(message, name)).getNumber();
        return number >= 0 && number < known ? number : otherwise;
    }

    private static void assertSame(RpcResponse ours, Message theirs) {
        assertThat(ours.data()).isEqualTo(bytesOf(theirs, "data"));
        assertThat(ours.error() != null)
                .isEqualTo(theirs.hasField(type("Response").findFieldByName("error")));
        if (ours.error() != null) {
            Message error = (Message) get(theirs, "error");
            String code = (String) get(error, "code");
            assertThat(ours.error().code()).isEqualTo(code.isEmpty() ? RpcError.UNKNOWN : code);
            assertThat(ours.error().message()).isEqualTo(get(error, "msg"));
            Map<String, String> metadata = new TreeMap<>();
            for (Object entry : (List<?>) get(error, "metadata")) {
                metadata.put((String) get((Message) entry, "key"), (String) get((Message) entry, "value"));
            }
            assertThat(ours.error().metadata()).isEqualTo(metadata);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void requests(long seed) throws InvalidProtocolBufferException {
        RpcRequest request = request(new Random(seed));

        DynamicMessage theirs = DynamicMessage.parseFrom(type("Request"), request.encode());

        assertThat(theirs.getUnknownFields().asMap()).isEmpty();
        assertSame(request, theirs);
        assertThat(RpcRequest.decode(theirs.toByteArray()).encode())
                .as("their bytes, read and written here")
                .isEqualTo(request.encode());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void responses(long seed) throws InvalidProtocolBufferException {
        RpcResponse response = response(new Random(seed));

        DynamicMessage theirs = DynamicMessage.parseFrom(type("Response"), response.encode());

        assertThat(theirs.getUnknownFields().asMap()).isEmpty();
        assertSame(response, theirs);
        assertSame(RpcResponse.decode(theirs.toByteArray()), theirs);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsSaidOfUsers(long seed) throws InvalidProtocolBufferException {
        Random random = new Random(seed);
        UserMessages.Push push = new UserMessages.Push(text(random), text(random), bytes(random));
        DynamicMessage theirPush = DynamicMessage.parseFrom(type("Push"), push.encode());
        assertThat(List.of(get(theirPush, "route"), get(theirPush, "uid"), get(theirPush, "data")))
                .containsExactly(push.route(), push.userId(), ByteString.copyFrom(push.data()));
        assertThat(UserMessages.Push.decode(theirPush.toByteArray()).data()).isEqualTo(push.data());

        UserMessages.Kick kick = new UserMessages.Kick(text(random));
        assertThat(get(DynamicMessage.parseFrom(type("KickMsg"), kick.encode()), "userId"))
                .isEqualTo(kick.userId());
        assertThat(UserMessages.Kick.decode(kick.encode())).isEqualTo(kick);

        boolean kicked = random.nextBoolean();
        byte[] answer = new UserMessages.KickAnswer(kicked).encode();
        assertThat(get(DynamicMessage.parseFrom(type("KickAnswer"), answer), "kicked"))
                .isEqualTo(kicked);

        UserMessages.Binding binding = new UserMessages.Binding(text(random), text(random));
        DynamicMessage theirBinding = DynamicMessage.parseFrom(type("BindMsg"), binding.encode());
        assertThat(List.of(get(theirBinding, "uid"), get(theirBinding, "fid")))
                .containsExactly(binding.userId(), binding.frontendId());
        assertThat(UserMessages.Binding.decode(theirBinding.toByteArray())).isEqualTo(binding);
    }

    /**
     * What is accepted here is accepted there and means the same; what is refused here alone are numbers
     * of fields and lengths beyond 32 bits, and numbers that do not end.
     */
    @Test
    void whateverIsTornIsReadOrRefusedAsTheReferenceDoes() {
        Random random = new Random(42);
        int read = 0;
        int refused = 0;
        for (int i = 0; i < 200_000; i++) {
            boolean isRequest = random.nextBoolean();
            byte[] torn =
                    torn(isRequest ? request(random).encode() : response(random).encode(), random);
            Message theirs = theirs(isRequest ? "Request" : "Response", torn);
            try {
                if (isRequest) {
                    RpcRequest ours = RpcRequest.decode(torn);
                    assertThat(theirs).as(HEX.formatHex(torn)).isNotNull();
                    assertSame(ours, theirs);
                } else {
                    RpcResponse ours = RpcResponse.decode(torn);
                    assertThat(theirs).as(HEX.formatHex(torn)).isNotNull();
                    assertSame(ours, theirs);
                }
                read++;
            } catch (RpcFormatException e) {
                if (theirs != null) {
                    assertThat(e)
                            .as(HEX.formatHex(torn))
                            .hasMessageMatching(".*((field number|length) \\d{9,}|number of more than 10 bytes).*");
                }
                refused++;
            }
        }
        assertThat(read).isGreaterThan(10_000);
        assertThat(refused).isGreaterThan(10_000);
    }

    private static byte[] torn(byte[] whole, Random random) {
        byte[] torn = random.nextInt(4) == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length + 1)) : whole;
        for (int i = random.nextInt(4); i > 0 && torn.length > 0; i--) {
            // Mostly where the numbers and lengths are.
            int at = random.nextInt(random.nextBoolean() ? torn.length : Math.min(torn.length, 8));
            torn[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : torn[at] + random.nextInt(17) - 8);
        }
        return torn;
    }

    private static @Nullable Message theirs(String type, byte[] bytes) {
        try {
            return DynamicMessage.parseFrom(type(type), bytes);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
