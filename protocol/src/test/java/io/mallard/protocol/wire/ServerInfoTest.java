package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerInfoTest {
    @Test
    void refusesAFieldOfTheWrongTypeInAFewWordsHoweverLongItIs() {
        byte[] json = ("{\"server_id\":[" + "\"a\\n\",".repeat(100_000) + "0]}").getBytes(UTF_8);

        assertThatThrownBy(() -> ServerInfo.parse(json, 0, json.length))
                .isInstanceOf(ProtocolException.class)
                .message()
                .contains("server_id")
                .doesNotContain("\n")
                .hasSizeLessThan(600);
    }

    @Test
    void readsEveryField() throws ProtocolException {
        ServerInfo info = parse("""
                {"server_id":"NB1","server_name":"A","version":"2.15.1","proto":1,"host":"127.0.0.1","port":4222,
                 "headers":true,"max_payload":8388608,"auth_required":true,"tls_required":true,"tls_available":true,
                 "tls_verify":true,"nonce":"n0","client_id":4294967296,"client_ip":"127.0.0.2","cluster":"pond",
                 "connect_urls":["127.0.0.1:4222","[::1]:4223"],"ldm":true,"jetstream":true,"connect_info":true,
                 "domain":"lake"}""");

        assertThat(info.serverId()).isEqualTo("NB1");
        assertThat(info.serverName()).isEqualTo("A");
        assertThat(info.version()).isEqualTo("2.15.1");
        assertThat(info.protocol()).isEqualTo(1);
        assertThat(info.host()).isEqualTo("127.0.0.1");
        assertThat(info.port()).isEqualTo(4222);
        assertThat(info.headers()).isTrue();
        assertThat(info.maxPayload()).isEqualTo(8_388_608);
        assertThat(info.authRequired()).isTrue();
        assertThat(info.tlsRequired()).isTrue();
        assertThat(info.tlsAvailable()).isTrue();
        assertThat(info.tlsVerify()).isTrue();
        assertThat(info.nonce()).isEqualTo("n0");
        assertThat(info.clientId()).isEqualTo(4_294_967_296L);
        assertThat(info.clientIp()).isEqualTo("127.0.0.2");
        assertThat(info.cluster()).isEqualTo("pond");
        assertThat(info.connectUrls()).containsExactly("127.0.0.1:4222", "[::1]:4223");
        assertThat(info.lameDuck()).isTrue();
        assertThat(info.jetStream()).isTrue();
        assertThat(info.connectInfo()).isTrue();
        assertThat(info.domain()).isEqualTo("lake");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"server_id\":null,\"proto\":null,\"max_payload\":null,\"ldm\":null,\"nonce\":null,\"connect_urls\":null}"
            })
    void givesAbsentAndNullFieldsTheirDefaults(String json) throws ProtocolException {
        assertThat(parse(json).toString())
                .isEqualTo("ServerInfo[serverId=, serverName=, version=, protocol=0, host=, port=0, headers=false, "
                        + "maxPayload=1048576, authRequired=false, tlsRequired=false, tlsAvailable=false, tlsVerify=false, "
                        + "nonce=null, clientId=0, clientIp=null, cluster=null, connectUrls=[], lameDuck=false, "
                        + "jetStream=false, connectInfo=false, domain=null]");
    }

    @Test
    void passesOverUnknownFieldsOfAnyShape() throws ProtocolException {
        assertThat(parse("{\"x\":{\"port\":1,\"a\":[{}]},\"y\":[null,1.5e3],\"Port\":\"z\",\"port\":4222}")
                        .port())
                .isEqualTo(4222);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"server_id\":1} | INFO field server_id is not a string: \"1\"",
                "{\"nonce\":[\"x\"]} | INFO field nonce is not a string: \"[x]\"",
                "{\"domain\":false} | INFO field domain is not a string: \"false\"",
                "{\"proto\":\"1\"} | INFO field proto is not an integer from 0 to 2147483647: \"1\"",
                "{\"proto\":1.0} | INFO field proto is not an integer from 0 to 2147483647: \"1.0\"",
                "{\"proto\":2147483648} | INFO field proto is not an integer from 0 to 2147483647: \"2147483648\"",
                "{\"port\":65536} | INFO field port is not an integer from 0 to 65535: \"65536\"",
                "{\"port\":-1} | INFO field port is not an integer from 0 to 65535: \"-1\"",
                "{\"max_payload\":-1} | INFO field max_payload is not an integer from 0 to 9223372036854775807: \"-1\"",
                "{\"max_payload\":true} | INFO field max_payload is not an integer from 0 to 9223372036854775807: \"true\"",
                "{\"client_id\":{}} | INFO field client_id is not an integer from 0 to 9223372036854775807: \"{}\"",
                "{\"ldm\":\"true\"} | INFO field ldm is not true or false: \"true\"",
                "{\"headers\":1} | INFO field headers is not true or false: \"1\"",
                "{\"connect_urls\":\"a:1\"} | INFO field connect_urls is not a list of strings: \"a:1\"",
                "{\"connect_urls\":[\"a:1\",2]} | INFO field connect_urls is not a list of strings: \"[a:1, 2]\"",
                "{\"connect_urls\":[null]} | INFO field connect_urls is not a list of strings: \"[null]\"",
            })
    void namesTheFieldOfTheWrongType(String json, String reason) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith(reason + " at stream offset 0: \"{");
    }

    @Test
    void doesNotLetItsUrlsBeChanged() throws ProtocolException {
        ServerInfo info = parse("{\"connect_urls\":[\"a:1\"]}");

        assertThatThrownBy(() -> info.connectUrls().add("b:2")).isInstanceOf(UnsupportedOperationException.class);
    }

    private static ServerInfo parse(String json) throws ProtocolException {
        byte[] bytes = ("##" + json + "##").getBytes(UTF_8);
        return ServerInfo.parse(bytes, 2, bytes.length - 4);
    }
}
