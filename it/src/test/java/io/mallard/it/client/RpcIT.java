package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.NatsStatus;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import io.mallard.rpc.PitayaServer;
import io.mallard.rpc.RpcClient;
import io.mallard.rpc.RpcClientOptions;
import io.mallard.rpc.RpcError;
import io.mallard.rpc.RpcException;
import io.mallard.rpc.RpcHandler;
import io.mallard.rpc.RpcMessage;
import io.mallard.rpc.RpcRequest;
import io.mallard.rpc.RpcServer;
import io.mallard.rpc.RpcServerOptions;
import io.mallard.rpc.RpcSession;
import io.mallard.rpc.ServiceDiscovery;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls between servers of a Pitaya cluster and all that can go wrong with them (CONTRACT S77, S82, J20, J21, §3). */
@NoLeaks
class RpcIT {
    private static final PitayaServer GAME = new PitayaServer("game", "g1");
    private static final PitayaServer GATE = new PitayaServer("gate", "f1");
    private static final String SUBJECT = "pitaya/servers/game/g1";
    private static final ServiceDiscovery DISCOVERY = ServiceDiscovery.of(GAME);
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final RpcClientOptions PATIENT = RpcClientOptions.DEFAULT.timeout(LONG);
    private static final RpcClientOptions HASTY = RpcClientOptions.DEFAULT.timeout(Duration.ofMillis(200));
    private static final byte[] NOTHING = {};

    @RegisterExtension
    final Clients clients = new Clients();

    private static RpcClient rpc(NatsClient client, RpcClientOptions options) {
        return new RpcClient(client, DISCOVERY, GATE, options);
    }

    private static void assertFails(ThrowingCallable call, String code, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.error()).isEqualTo(new RpcError(code, message)));
    }

    private void assertFails(CompletableFuture<?> call, String code, String message) {
        assertThatThrownBy(() -> clients.track(call).get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.error()).isEqualTo(new RpcError(code, message)));
    }

    /** Waits until it may go on, and says if it never might. */
    private static RpcHandler waiting(CountDownLatch goOn) {
        return call -> {
            if (!goOn.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody has let it go on");
            }
            return call.message().data();
        };
    }

    @Test
    void whatTheHandlerSaysIsWhatTheCallerGets() {
        Map<String, RpcHandler> handlers = Map.of(
                "room.ok",
                call -> call.message().data(),
                "room.refuses",
                call -> {
                    throw new RpcException(new RpcError("PIT-422", "not like that", Map.of("a", "b")));
                },
                "room.breaks",
                call -> {
                    throw new IllegalStateException("broken");
                },
                "room.refusesWithoutAWord",
                call -> {
                    throw new RpcException(new RpcError("PIT-422", new Exception().getMessage()));
                },
                "room.forgets",
                call -> null,
                "room.floods",
                call -> new byte[2 << 20]);
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RpcServer rpcServer = RpcServer.start(client, GAME, handlers)) {
            RpcClient rpc = rpc(client, PATIENT);

            assertThat(rpc.call("game.room.ok", new byte[] {1})).containsExactly(1);
            assertThat(rpc.call("g1", "game.room.ok", new byte[] {2})).containsExactly(2);
            assertThat(rpc.call(GAME, RpcRequest.user("room.ok", new byte[] {3})))
                    .containsExactly(3);
            assertThat(clients.track(rpc.callAsync("game.room.ok", new byte[] {4}))
                            .join())
                    .containsExactly(4);
            assertThat(clients.track(rpc.callAsync("g1", "game.room.ok", NOTHING))
                            .join())
                    .isEmpty();
            assertThatThrownBy(() -> rpc.call("game.room.refuses", NOTHING))
                    .hasMessage("PIT-422: not like that")
                    .isInstanceOfSatisfying(
                            RpcException.class,
                            e -> assertThat(e.error().metadata()).isEqualTo(Map.of("a", "b")));
            assertFails(() -> rpc.call("game.room.breaks", NOTHING), "PIT-500", "broken");
            assertFails(rpc.callAsync("game.room.breaks", NOTHING), "PIT-500", "broken");
            assertFails(
                    () -> rpc.call("game.room.refusesWithoutAWord", NOTHING),
                    "PIT-500",
                    "the message of an RpcError is null");
            assertFails(() -> rpc.call("game.room.forgets", NOTHING), "PIT-500", "the handler has returned null");
            assertFails(
                    () -> rpc.call("game.room.floods", NOTHING),
                    "PIT-500",
                    "the response has 2097157 bytes, more than the server's max_payload");
            assertThatThrownBy(() -> rpc.call("game.room.nothing", NOTHING))
                    .isInstanceOfSatisfying(
                            RpcException.class,
                            e -> assertThat(e.error())
                                    .isEqualTo(new RpcError(
                                            "PIT-404",
                                            "remote/handler not found! remote/handler name: room.nothing",
                                            Map.of("route", "game.room.nothing"))));
            Eventually.eventually("no call", () -> rpcServer.callsUnderWay() == 0);
        }
    }

    @Test
    void theHandlerSeesAllThatWasSaidAndANotificationIsAcknowledged() {
        AtomicReference<RpcRequest> seen = new AtomicReference<>();
        RpcHandler handler = call -> {
            seen.set(call);
            return null; // Nobody wants it.
        };
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RpcServer rpcServer = RpcServer.start(client, GAME, Map.of("room.tell", handler))) {
            RpcMessage message = new RpcMessage(7, "game.room.tell", new byte[] {1}, "", RpcMessage.Type.NOTIFY);
            RpcSession session = new RpcSession(9, "u1", "{}".getBytes(UTF_8));

            byte[] answer = rpc(client, PATIENT)
                    .call(GAME, new RpcRequest(RpcRequest.Type.SYS, session, message, "f1", NOTHING));

            assertThat(new String(answer, UTF_8)).isEqualTo("ack");
            RpcRequest call = Objects.requireNonNull(seen.get());
            assertThat(call.type()).isEqualTo(RpcRequest.Type.SYS);
            assertThat(call.frontendId()).isEqualTo("f1");
            assertThat(Objects.requireNonNull(call.session()).uid()).isEqualTo("u1");
            assertThat(call.message().id()).isEqualTo(7);
            assertThat(new String(call.metadata(), UTF_8))
                    .isEqualTo("{\"peer.id\":\"f1\",\"peer.service\":\"gate\",\"reqTimeout\":\"10s\"}");
            Eventually.eventually("no call", () -> rpcServer.callsUnderWay() == 0);
        }
    }

    @Test
    void whomNobodyKnowsAndWhoDoesNotAnswer() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RawNats silent = Peers.receiver(server, SUBJECT, message -> {})) {
            RpcClient rpc = rpc(client, HASTY);

            assertFails(() -> rpc.call("shop.room.ok", NOTHING), "PIT-404", "no servers found for route: shop.room.ok");
            assertFails(() -> rpc.call("room.ok", NOTHING), "PIT-404", "no servers found for route: room.ok");
            assertFails(rpc.callAsync("shop.room.ok", NOTHING), "PIT-404", "no servers found for route: shop.room.ok");
            assertFails(() -> rpc.call("g2", "game.room.ok", NOTHING), "PIT-404", "server not found");
            PitayaServer gone = new PitayaServer("game", "gone");
            assertFails(
                    () -> rpc(client, PATIENT).call(gone, RpcRequest.user("room.ok", NOTHING)),
                    "PIT-500",
                    "nats error - No responders available for request");
            assertFails(() -> rpc.call("game.room.ok", NOTHING), "PIT-504", "nats timeout - sending request");
            assertFails(rpc.callAsync("game.room.ok", NOTHING), "PIT-504", "nats timeout - sending request");
            assertFails(
                    () -> rpc.call("game.room.ok", new byte[2 << 20]),
                    "PIT-500",
                    "nats error - Message larger than maximum payload allowed by the server");
            assertFails(
                    rpc.callAsync("game.room.ok", new byte[2 << 20]),
                    "PIT-500",
                    "nats error - Message larger than maximum payload allowed by the server");

            CompletableFuture<byte[]> given = clients.track(rpc(client, PATIENT).callAsync("game.room.ok", NOTHING));
            assertThat(client.metrics().pendingRequests()).isEqualTo(1);
            assertThat(given.cancel(false)).isTrue();
            assertThat(client.metrics().pendingRequests()).isZero();
            assertThat(silent.isClosed()).isFalse();
        }
    }

    /** Whether to try again is a matter of the code. */
    @Test
    void withoutAConnectionACallIsRefusedOrWaitsOrTheBufferIsFull() throws Exception {
        try (SoleServer sole = new SoleServer();
                NatsClient none = clients.connect(options(sole).requestBufferSize(0));
                NatsClient one = clients.connect(options(sole).requestBufferSize(1));
                RpcServer rpcServer = RpcServer.start(
                        one, GAME, Map.of("room.ok", call -> call.message().data()))) {
            sole.die();
            for (NatsClient client : new NatsClient[] {none, one}) {
                Eventually.eventually(
                        "the loss to be noticed", () -> client.connectedUrl().isEmpty());
            }

            assertThatThrownBy(() -> rpc(none, PATIENT).call("game.room.ok", NOTHING))
                    .hasMessage("PIT-503: service temporarily unavailable - lame duck mode")
                    .isInstanceOfSatisfying(
                            RpcException.class, e -> assertThat(e.retryable()).isTrue())
                    .cause()
                    .isInstanceOfSatisfying(
                            NatsException.class, e -> assertThat(e.status()).isEqualTo(NatsStatus.ILLEGAL_STATE));
            assertFails(
                    rpc(none, PATIENT).callAsync("game.room.ok", NOTHING),
                    "PIT-503",
                    "service temporarily unavailable - lame duck mode");
            assertFails(
                    () -> rpc(none, PATIENT).sendKickToUser("u1", "gate"),
                    "PIT-503",
                    "service temporarily unavailable - lame duck mode");
            CompletableFuture<byte[]> waits =
                    clients.track(rpc(one, PATIENT).callAsync("game.room.ok", new byte[] {1}));
            assertThatThrownBy(() -> rpc(one, PATIENT).call("game.room.ok", NOTHING))
                    .hasMessage("PIT-500: service temporarily unavailable - buffer full")
                    .isInstanceOfSatisfying(
                            RpcException.class, e -> assertThat(e.retryable()).isFalse());
            assertFails(
                    () -> rpc(one, PATIENT).sendPushToUser("u1", "gate", "r.p", NOTHING),
                    "PIT-500",
                    "service temporarily unavailable - buffer full");

            sole.comeBack();
            sole.openWay();
            assertThat(waits.get(10, TimeUnit.SECONDS)).containsExactly(1);
            Eventually.eventually("no call", () -> rpcServer.callsUnderWay() == 0);
        }
    }

    private static NatsOptions.Builder options(SoleServer sole) {
        sole.openWay();
        return NatsOptions.builder()
                .servers(sole.url())
                .ignoreDiscoveredServers(true)
                .reconnectMaxDelay(Duration.ofMillis(100));
    }

    @Test
    void whatIsNoCallAndWhatIsNoAnswerIsTold() throws Exception {
        byte[] torn = {(byte) 0xff};
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                ClientLog log = ClientLog.open("io.mallard.rpc");
                RpcServer rpcServer = RpcServer.start(client, GAME, Map.of())) {
            byte[] answer = client.request(SUBJECT, torn, LONG).payload();

            assertThat(new String(answer, UTF_8)).contains("PIT-400").contains("unable to decode msg");
            assertThat(log.lines("ERROR"))
                    .singleElement()
                    .asString()
                    .startsWith("ERROR unable to decode msg from nats: ");
            assertThat(rpcServer.callsUnderWay()).isZero();
        }
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RawNats liar = answering(server, SUBJECT, torn)) {
            assertThatThrownBy(() -> rpc(client, PATIENT).call("game.room.ok", NOTHING))
                    .hasMessageStartingWith("PIT-500: the answer is no response: not a protobuf message: ");
            assertThat(liar.isClosed()).isFalse();
        }
    }

    /** A raw socket that gives everybody the same answer. */
    static RawNats answering(NatsServer server, String subject, byte[] answer) {
        AtomicReference<RawNats> self = new AtomicReference<>();
        RawNats socket = RawNats.connect(server.url(), message -> {
            RawNats connection = Objects.requireNonNull(self.get());
            connection.publish(Objects.requireNonNull(message.reply()), answer);
            connection.flush();
        });
        self.set(socket);
        socket.subscribe(subject, 1);
        socket.ping();
        return socket;
    }

    /** The bytes that a server of Pitaya in Go sees, and those it answers with (golden bytes of §3). */
    @Test
    void aServerInGoIsSpokenToInItsOwnBytes() {
        AtomicReference<byte[]> asked = new AtomicReference<>();
        AtomicReference<RawNats> self = new AtomicReference<>();
        byte[] notFound = HexFormat.of()
                .parseHex(
                        "122e0a075049542d343034120f726f757465206e6f7420666f756e641a120a05726f7574651209726f6f6d2e6a6f696e");
        PitayaServer room = new PitayaServer("room", "r1");
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RawNats go = RawNats.connect(server.url(), message -> {
                    asked.set(message.payload());
                    RawNats connection = Objects.requireNonNull(self.get());
                    connection.publish(Objects.requireNonNull(message.reply()), notFound);
                    connection.flush();
                })) {
            self.set(go);
            go.subscribe("pitaya/servers/room/r1", 1);
            go.ping();
            RpcClient rpc = new RpcClient(
                    client,
                    ServiceDiscovery.of(room),
                    new PitayaServer("java", "j1"),
                    RpcClientOptions.DEFAULT.timeout(Duration.ofSeconds(5)));

            assertThatThrownBy(() -> rpc.call("room.room.join", "hi".getBytes(UTF_8)))
                    .isInstanceOfSatisfying(
                            RpcException.class,
                            e -> assertThat(e.error())
                                    .isEqualTo(
                                            new RpcError("PIT-404", "route not found", Map.of("route", "room.join"))));

            assertThat(HexFormat.of().formatHex(asked.get()))
                    .isEqualTo("08011a14120e726f6f6d2e726f6f6d2e6a6f696e1a0268692a387b22706565722e6964223a226a31222c22"
                            + "706565722e73657276696365223a226a617661222c2272657154696d656f7574223a223573227d");
        }
    }

    @Test
    void moreThanMayBeUnderWayAreRefused() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RpcServer rpcServer = RpcServer.start(
                        client,
                        GAME,
                        Map.of("room.waits", waiting(goOn)),
                        RpcServerOptions.DEFAULT.maxCalls(2).shutdownTimeout(LONG))) {
            RpcClient rpc = rpc(client, PATIENT);
            CompletableFuture<byte[]> first = clients.track(rpc.callAsync("game.room.waits", new byte[] {1}));
            CompletableFuture<byte[]> second = clients.track(rpc.callAsync("game.room.waits", new byte[] {2}));
            Eventually.eventually("both", () -> rpcServer.callsUnderWay() == 2);

            assertFails(
                    () -> rpc.call("game.room.waits", NOTHING),
                    "PIT-503",
                    "The server is already processing the maximum amount of RPC's");

            goOn.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS)).containsExactly(1);
            assertThat(second.get(10, TimeUnit.SECONDS)).containsExactly(2);
        }
    }

    /** Whoever calls one thing at a time never finds the place of his last call taken. */
    @Test
    void aCallThatIsAnsweredTakesNoPlaceAnyMore() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RpcServer rpcServer = RpcServer.start(
                        client,
                        GAME,
                        Map.of("room.ok", call -> call.message().data()),
                        RpcServerOptions.DEFAULT.maxCalls(1))) {
            RpcClient rpc = rpc(client, PATIENT);
            for (int i = 0; i < 10_000; i++) {
                assertThat(rpc.call("game.room.ok", new byte[] {(byte) i})).containsExactly(i);
            }
            Eventually.eventually("no call", () -> rpcServer.callsUnderWay() == 0);
        }
    }

    @Test
    void aServerThatShutsDownLetsItsCallsEndAndTakesNoMore() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url())) {
            RpcServer rpcServer = RpcServer.start(
                    client, GAME, Map.of("room.waits", waiting(goOn)), RpcServerOptions.DEFAULT.shutdownTimeout(LONG));
            RpcClient rpc = rpc(client, PATIENT);
            CompletableFuture<byte[]> last = clients.track(rpc.callAsync("game.room.waits", new byte[] {7}));
            Eventually.eventually("it", () -> rpcServer.callsUnderWay() == 1);
            CompletableFuture<Void> closed = clients.track(CompletableFuture.runAsync(rpcServer::close));
            Eventually.eventually("no more to be taken", () -> isUnheard(rpc));
            assertThat(closed).isNotDone();

            goOn.countDown();

            assertThat(last.get(10, TimeUnit.SECONDS)).containsExactly(7);
            closed.get(10, TimeUnit.SECONDS);
            assertThat(rpcServer.callsUnderWay()).isZero();
            rpcServer.close(); // Once more, which does nothing.
        }
    }

    private static boolean isUnheard(RpcClient rpc) {
        try {
            rpc.call("game.room.nothing", NOTHING);
            return false;
        } catch (RpcException e) {
            return e.error().message().equals("nats error - No responders available for request");
        }
    }

    @Test
    void whatTakesLongerThanAServerMayWaitIsAnsweredAndInterrupted() throws Exception {
        CompletableFuture<String> interrupted = clients.track(new CompletableFuture<>());
        RpcHandler endless = call -> {
            try {
                new CountDownLatch(1).await(60, TimeUnit.SECONDS);
                interrupted.complete("not at all");
            } catch (InterruptedException e) {
                interrupted.complete("interrupted");
            }
            return NOTHING;
        };
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url())) {
            RpcServer rpcServer = RpcServer.start(
                    client,
                    GAME,
                    Map.of("room.hangs", endless),
                    RpcServerOptions.DEFAULT.shutdownTimeout(Duration.ofMillis(300)));
            CompletableFuture<byte[]> call = clients.track(rpc(client, PATIENT).callAsync("game.room.hangs", NOTHING));
            Eventually.eventually("it", () -> rpcServer.callsUnderWay() == 1);

            rpcServer.close();

            assertFails(call, "PIT-504", "The server has shut down before the call was done");
            assertThat(interrupted.get(10, TimeUnit.SECONDS)).isEqualTo("interrupted");
        }
    }

    @Test
    void aServerThatCannotBeReachedDoesNotStart() {
        try (NatsServer server = NatsServer.startDefault()) {
            NatsClient client = clients.connect(server.url());
            client.close();

            assertFails(
                    () -> RpcServer.start(client, GAME, Map.of()),
                    "PIT-500",
                    "Failed to create a new subscription at topic " + SUBJECT);
        }
    }

    @Test
    void aCallForWhichThereIsNoThreadIsAnsweredAndTakesNoPlace() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RpcServer rpcServer = RpcServer.start(
                        client,
                        GAME,
                        Map.of("room.ok", call -> NOTHING),
                        RpcServerOptions.DEFAULT.maxCalls(1).threads(task -> {
                            throw new OutOfMemoryError("no thread");
                        }))) {
            for (int i = 0; i < 3; i++) {
                assertFails(() -> rpc(client, PATIENT).call("game.room.ok", NOTHING), "PIT-500", "no thread");
            }
            Eventually.eventually("no call", () -> rpcServer.callsUnderWay() == 0);
        }
    }

    @Test
    void handlersRunOnTheThreadsThatAreWanted() {
        try (NatsServer server = NatsServer.startDefault();
                NatsClient client = clients.connect(server.url());
                RpcServer rpcServer = RpcServer.start(
                        client,
                        GAME,
                        Map.of(
                                "room.where",
                                call -> Thread.currentThread().getName().getBytes(UTF_8)),
                        RpcServerOptions.DEFAULT.threads(task -> new Thread(task, "mine")))) {
            assertThat(rpcServer.callsUnderWay()).isZero();
            assertThat(new String(rpc(client, PATIENT).call("game.room.where", NOTHING), UTF_8))
                    .isEqualTo("mine");
        }
    }
}
