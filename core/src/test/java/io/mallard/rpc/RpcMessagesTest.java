package io.mallard.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bytes of a Pitaya cluster (CONTRACT §3). */
class RpcMessagesTest {
    private static final HexFormat HEX = HexFormat.of();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aRequest() {
        RpcRequest request = RpcRequest.user("room.room.join", bytes("hi"))
                .withMetadata(RpcMetadata.of(new PitayaServer("java", "j1"), Duration.ofSeconds(5)));

        String golden =
                "08011a14120e726f6f6d2e726f6f6d2e6a6f696e1a0268692a387b22706565722e6964223a226a31222c22706565722e73657276696365223a226a617661222c2272657154696d656f7574223a223573227d";
        assertThat(HEX.formatHex(request.encode())).isEqualTo(golden);
        assertThat(HEX.formatHex(RpcRequest.decode(request.encode()).encode())).isEqualTo(golden);
    }

    @Test
    void responses() {
        assertThat(HEX.formatHex(RpcResponse.of(bytes("ok")).encode())).isEqualTo("0a026f6b");
        assertThat(HEX.formatHex(RpcResponse.failed(RpcError.TIMEOUT, "nats timeout - sending request")
                        .encode()))
                .isEqualTo("12290a075049542d353034121e6e6174732074696d656f7574202d2073656e64696e672072657175657374");
        RpcError notFound = new RpcError(RpcError.NOT_FOUND, "route not found", Map.of("route", "room.join"));
        byte[] encoded = RpcResponse.failed(notFound).encode();
        assertThat(HEX.formatHex(encoded))
                .isEqualTo(
                        "122e0a075049542d343034120f726f757465206e6f7420666f756e641a120a05726f7574651209726f6f6d2e6a6f696e");
        assertThat(RpcResponse.decode(encoded).error()).isEqualTo(notFound);
    }

    @Test
    void aSession() {
        RpcSession session = new RpcSession(7, "u1", bytes("{}"));
        assertThat(HEX.formatHex(session.encode())).isEqualTo("0807120275311a027b7d");
        assertThat(RpcSession.decode(new ProtoReader(session.encode())).uid()).isEqualTo("u1");
    }

    @Test
    void whatIsSaidOfUsers() {
        assertThat(HEX.formatHex(new UserMessages.Kick("u1").encode())).isEqualTo("0a027531");
        assertThat(HEX.formatHex(new UserMessages.KickAnswer(true).encode())).isEqualTo("0801");
        UserMessages.Push push = new UserMessages.Push("r.p", "u1", bytes("x"));
        assertThat(HEX.formatHex(push.encode())).isEqualTo("0a03722e70120275311a0178");
        UserMessages.Push read = UserMessages.Push.decode(push.encode());
        assertThat(List.of(read.route(), read.userId(), new String(read.data(), StandardCharsets.UTF_8)))
                .containsExactly("r.p", "u1", "x");
        UserMessages.Binding binding = new UserMessages.Binding("u1", "f1");
        assertThat(HEX.formatHex(binding.encode())).isEqualTo("0a02753112026631");
        assertThat(UserMessages.Binding.decode(binding.encode())).isEqualTo(binding);
    }

    @Test
    void aMessageWithoutAnythingIsThereAllTheSame() {
        RpcRequest request = new RpcRequest(RpcRequest.Type.SYS, null, RpcMessage.NONE, "", new byte[0]);
        assertThat(HEX.formatHex(request.encode())).isEqualTo("1a00");
    }

    @Test
    void whatNobodyKnowsIsSkipped() {
        // 9: varint, 10: 64 bits, 11: bytes, 12: 32 bits, then data.
        byte[] unknown = HEX.parseHex("48ac02" + "510102030405060708" + "5a03616263" + "6501020304" + "0a026f6b");
        assertThat(RpcResponse.decode(unknown).data()).isEqualTo(bytes("ok"));
        // 7: a group, in it 8: a group, and 1, which is not ours.
        byte[] groups = HEX.parseHex("3b" + "43" + "0a026e6f" + "44" + "3c" + "0a026f6b");
        assertThat(RpcResponse.decode(groups).data()).isEqualTo(bytes("ok"));
    }

    @Test
    void groupsThatDoNotEndOrGoTooDeepAreRefused() {
        assertRefused("3b", "the end where a number should be");
        assertRefused("3b44", "the end of another group than 7");
        assertRefused("3c", "wire type 4");
        assertRefused("3b".repeat(101) + "3c".repeat(101), "groups in groups, more than 100 deep");
        assertThat(RpcResponse.decode(HEX.parseHex("3b".repeat(100) + "3c".repeat(100)))
                        .error())
                .isNull();
    }

    private static void assertRefused(String hex, String why) {
        assertThatThrownBy(() -> RpcResponse.decode(HEX.parseHex(hex)))
                .isInstanceOf(RpcFormatException.class)
                .hasMessageStartingWith("not a protobuf message: " + why);
    }

    @Test
    void aMessageInPartsIsOne() {
        // An error with a code, one with a message, nothing, and one with another code.
        byte[] parts =
                HEX.parseHex("12050a03" + "504954" + "1204" + "12026e6f" + "1200" + "12040a02" + "7878" + "0a026f6b");
        RpcResponse response = RpcResponse.decode(parts);
        assertThat(response.data()).isEqualTo(bytes("ok"));
        assertThat(response.error()).isEqualTo(new RpcError("xx", "no"));
    }

    @Test
    @Timeout(10)
    void aMessageInManyPartsTakesNoLongerThanOneThatLong() {
        byte[] parts = HEX.parseHex("120312017a".repeat(1 << 18));
        assertThat(RpcResponse.decode(parts).error()).isEqualTo(new RpcError(RpcError.UNKNOWN, "z"));
    }

    @Test
    void anErrorWithoutACodeHasOne() {
        assertThat(RpcError.decode(new ProtoReader(new byte[0])).code()).isEqualTo("PIT-000");
    }

    @Test
    void whateverIsCutOffOrTornIsRefusedAndNothingElseHappens() {
        byte[] whole = new RpcRequest(
                        RpcRequest.Type.USER,
                        new RpcSession(1, "u", bytes("{}")),
                        new RpcMessage(3, "a.b.c", bytes("x"), "r", RpcMessage.Type.NOTIFY),
                        "f",
                        bytes("{\"a\":1}"))
                .encode();
        Random random = new Random(42);
        for (int i = 0; i < 100_000; i++) {
            byte[] torn = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            if (torn.length > 0) {
                torn[random.nextInt(torn.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(RpcRequest.decode(torn)).isNotNull();
            } catch (RpcFormatException e) {
                assertThat(e).hasMessageStartingWith("not a protobuf message: ");
            }
        }
    }

    @Test
    void aLengthBeyondTheEndIsRefusedBeforeAnythingIsAllocated() {
        assertRefused("0affffffff07", "length 2147483647 where 0 bytes are left");
        assertRefused("0affffffffffffffffff01", "length 18446744073709551615");
    }

    @Test
    void durationsAreGos() {
        assertThat(RpcMetadata.goDuration(Duration.ofSeconds(5))).isEqualTo("5s");
        assertThat(RpcMetadata.goDuration(Duration.ofMillis(1_500))).isEqualTo("1500ms");
        assertThat(RpcMetadata.goDuration(Duration.ofNanos(1))).isEqualTo("1ms");
    }

    @Test
    void namesThatWouldChangeASubjectAreRefused() {
        for (String name : new String[] {"", "a.b", "*", ">", "a b", "a\u0001", "a\n"}) {
            assertThatThrownBy(() -> new PitayaServer("room", name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(new PitayaServer("room", "r-1").subject()).isEqualTo("pitaya/servers/room/r-1");
        assertThat(PitayaServer.pushSubject("gate", "u1")).isEqualTo("pitaya/gate/user/u1/push");
        assertThat(PitayaServer.kickSubject("gate", "u1")).isEqualTo("pitaya/gate/user/u1/kick");
        assertThat(PitayaServer.bindingsSubject("gate")).isEqualTo("pitaya/gate/bindings");
    }

    @Test
    void namesAreQuoted() {
        byte[] json = RpcMetadata.of(new PitayaServer("a\\b", "c\"d"), Duration.ofMillis(20));
        assertThat(new String(json, StandardCharsets.UTF_8))
                .isEqualTo("{\"peer.id\":\"c\\\"d\",\"peer.service\":\"a\\\\b\",\"reqTimeout\":\"20ms\"}");
    }
}
