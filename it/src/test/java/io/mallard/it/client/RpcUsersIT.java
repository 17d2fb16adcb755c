package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.rpc.Delivery;
import io.mallard.rpc.PitayaServer;
import io.mallard.rpc.RpcClient;
import io.mallard.rpc.RpcClientOptions;
import io.mallard.rpc.RpcException;
import io.mallard.rpc.RpcFrontend;
import io.mallard.rpc.ServiceDiscovery;
import io.mallard.rpc.UserHandler;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Kicks and pushes, to frontends of every kind (CONTRACT S82, §3). */
@NoLeaks
class RpcUsersIT {
    private static final PitayaServer GAME = new PitayaServer("game", "g1");
    private static final PitayaServer GATE = new PitayaServer("gate", "f1");
    private static final byte[] DATA = {'x'};
    private static final RpcClientOptions HASTY = RpcClientOptions.DEFAULT.timeout(Duration.ofMillis(200));
    private static final RpcClientOptions PATIENT = RpcClientOptions.DEFAULT.timeout(Duration.ofSeconds(10));

    @RegisterExtension
    final Clients clients = new Clients();

    private static RpcClient rpc(NatsClient client, RpcClientOptions options) {
        return new RpcClient(client, ServiceDiscovery.of(), GAME, options);
    }

    private static void assertFails(ThrowingCallable call, String code, String message) {
        assertThatThrownBy(call).isInstanceOf(RpcException.class).hasMessage(code + ": " + message);
    }

    @Test
    void silenceIsAnOpinion() throws Exception {
        RpcClientOptions aSecond = RpcClientOptions.DEFAULT.timeout(Duration.ofSeconds(1));
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RawNats kicks = Peers.receiver(server, "pitaya/gate/user/u1/kick", message -> {});
                RawNats pushes = Peers.receiver(server, "pitaya/gate/user/u1/push", message -> {})) {
            RpcClient rpc = rpc(client, aSecond);
            RpcClient strict = rpc(client, aSecond.awaitAnswer(true));

            assertThat(rpc.sendKickToUser("u1", "gate")).isEqualTo(Delivery.SENT);
            assertThat(rpc.sendPushToUser("u1", "gate", "r.p", DATA)).isEqualTo(Delivery.SENT);
            assertThat(clients.track(rpc.sendKickToUserAsync("u1", "gate")).get(10, TimeUnit.SECONDS))
                    .isEqualTo(Delivery.SENT);
            assertThat(clients.track(rpc.sendPushToUserAsync("u1", "gate", "r.p", DATA))
                            .get(10, TimeUnit.SECONDS))
                    .isEqualTo(Delivery.SENT);
            assertFails(() -> strict.sendKickToUser("u1", "gate"), "PIT-504", "nats timeout - sending kick to user");
            assertFails(
                    () -> strict.sendPushToUser("u1", "gate", "r.p", DATA),
                    "PIT-504",
                    "nats timeout - sending push to user");
            assertThat(kicks.isClosed()).isFalse();
            assertThat(pushes.isClosed()).isFalse();
        }
    }

    @Test
    void whoIsNotConnectedAndWhoIsNobody() throws Exception {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url())) {
            RpcClient rpc = rpc(client, PATIENT.awaitAnswer(true));

            assertThat(rpc.sendKickToUser("u1", "gate")).isEqualTo(Delivery.NOT_CONNECTED);
            assertThat(clients.track(rpc.sendPushToUserAsync("u1", "gate", "r.p", DATA))
                            .get(10, TimeUnit.SECONDS))
                    .isEqualTo(Delivery.NOT_CONNECTED);
            assertFails(() -> rpc.sendKickToUser("", "gate"), "PIT-500", "Received an empty user id");
            assertFails(() -> rpc.sendPushToUser("", "gate", "r", DATA), "PIT-500", "Received an empty user id");
            assertFails(() -> rpc.sendKickToUser("u1", ""), "PIT-500", "SendKickToUser received an empty server type");
            assertFails(
                    () -> rpc.sendPushToUser("u1", "", "r", DATA),
                    "PIT-500",
                    "SendPushToUser received an empty server type");
            assertThatThrownBy(() ->
                            clients.track(rpc.sendKickToUserAsync("", "gate")).join())
                    .cause()
                    .hasMessage("PIT-500: Received an empty user id");
            assertThatThrownBy(() -> rpc.sendKickToUser("u.*", "gate"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("user id \"u.*\"");
        }
    }

    /** Silence says something of what was sent alone. */
    @Test
    void whatWasNeverSentIsNotSaidToBeSent() {
        try (SoleServer sole = new SoleServer()) {
            sole.openWay();
            try (NatsClient client =
                    clients.connect(NatsOptions.builder().servers(sole.url()).ignoreDiscoveredServers(true))) {
                sole.die();
                Eventually.eventually("the loss", () -> client.connectedUrl().isEmpty());

                assertThatThrownBy(() -> rpc(client, HASTY).sendPushToUser("u1", "gate", "r.p", DATA))
                        .hasMessage("PIT-504: nats timeout - sending push to user")
                        .cause()
                        .isInstanceOfSatisfying(
                                NatsException.class,
                                e -> assertThat(e.isNeverSent()).isTrue());
            }
        }
    }

    /** Whatever the answer is, unless it is that of a failure. */
    @Test
    void anAnswerIsRead() {
        HexFormat hex = HexFormat.of();
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RawNats kicked = RpcIT.answering(server, "pitaya/gate/user/u1/kick", hex.parseHex("0801"));
                RawNats pushed = RpcIT.answering(server, "pitaya/gate/user/u1/push", hex.parseHex("0a026f6b"));
                RawNats refused = RpcIT.answering(
                        server,
                        "pitaya/gate/user/u2/kick",
                        hex.parseHex(
                                "122e0a075049542d343034120f726f757465206e6f7420666f756e641a120a05726f7574651209726f6f6d2e6a6f696e"))) {
            RpcClient rpc = rpc(client, PATIENT);

            assertThat(rpc.sendKickToUser("u1", "gate")).isEqualTo(Delivery.ANSWERED);
            assertThat(rpc.sendPushToUser("u1", "gate", "r.p", DATA)).isEqualTo(Delivery.ANSWERED);
            assertFails(() -> rpc.sendKickToUser("u2", "gate"), "PIT-404", "route not found");
            for (RawNats raw : List.of(kicked, pushed, refused)) {
                assertThat(raw.isClosed()).isFalse();
            }
        }
    }

    /** Keeps what has come. */
    private static final class User implements UserHandler {
        final Queue<String> seen = new ConcurrentLinkedQueue<>();

        @Override
        public void onPush(String route, byte[] data) {
            if (route.equals("breaks")) {
                throw new IllegalStateException("broken");
            }
            seen.add("push " + route + " " + new String(data, UTF_8));
        }

        @Override
        public void onKick() {
            seen.add("kick");
        }

        @Override
        public void onBoundElsewhere(String frontendId) {
            seen.add("bound to " + frontendId);
        }
    }

    @Test
    void aBoundUserIsReachedUntilUnbound() {
        User user = new User();
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                NatsClient other = clients.connect(server.url());
                RpcFrontend frontend = RpcFrontend.start(client, GATE);
                RpcFrontend second = RpcFrontend.start(other, new PitayaServer("gate", "f2"))) {
            RpcClient rpc = rpc(other, PATIENT);
            frontend.bind("u1", user);

            assertThat(rpc.sendPushToUser("u1", "gate", "r.p", DATA)).isEqualTo(Delivery.ANSWERED);
            assertThat(rpc.sendKickToUser("u1", "gate")).isEqualTo(Delivery.ANSWERED);
            assertFails(() -> rpc.sendPushToUser("u1", "gate", "breaks", DATA), "PIT-500", "broken");
            assertThat(user.seen).containsExactly("push r.p x", "kick");
            assertThatThrownBy(() -> frontend.bind("u1", user))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("unbind it first");

            second.bind("u1", new User());
            Eventually.eventually("news of it", () -> user.seen.contains("bound to f2"));

            second.unbind("u1");
            frontend.unbind("u1");
            RpcClient soon = rpc(other, HASTY); // A kick may be faster than the news.
            Eventually.eventually(
                    "nobody to be there", () -> soon.sendKickToUser("u1", "gate") == Delivery.NOT_CONNECTED);
            assertThat(user.seen.stream().filter(what -> !what.equals("kick")))
                    .containsExactly("push r.p x", "bound to f2");
        }
    }

    /** What a binding tells other frontends, and that the frontend's end is that of its bindings. */
    @Test
    void aBindingIsToldInPitayasBytesAndTornOnesAreSurvived() {
        Queue<String> told = new ConcurrentLinkedQueue<>();
        User user = new User();
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RawNats go = Peers.receiver(
                        server,
                        "pitaya/gate/bindings",
                        message -> told.add(HexFormat.of().formatHex(message.payload())))) {
            RpcFrontend frontend = RpcFrontend.start(client, GATE);
            frontend.bind("u1", user);
            Eventually.eventually("it", () -> told.contains("0a02753112026631"));

            go.publish("pitaya/gate/bindings", new byte[] {(byte) 0xff});
            go.publish("pitaya/gate/bindings", HexFormat.of().parseHex("0a02753112026739"));
            go.ping();
            Eventually.eventually("the one after it", () -> user.seen.contains("bound to g9"));

            frontend.close();
            Eventually.eventually(
                    "nobody", () -> rpc(client, PATIENT).sendKickToUser("u1", "gate") == Delivery.NOT_CONNECTED);
            assertThatThrownBy(() -> frontend.bind("u2", user)).isInstanceOf(IllegalStateException.class);
        }
    }
}
