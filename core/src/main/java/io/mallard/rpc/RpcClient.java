package io.mallard.rpc;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Calls servers of a Pitaya cluster, and reaches its users. A nats-server that enters lame duck mode is not noticed here: the client moves,
 * and neither loses a call nor makes one twice. (When a server that does not know yet where the called one has moved says that nobody
 * listens, a call is made once more; not so one whose result goes to a future and that was made before the announcement.)
 *
 * <p>A call that fails says why in the codes and texts of Pitaya's own client (CONTRACT S77, S82, J20, J21):
 *
 * <pre>
 *   PIT-404  no servers found for route: …
 *   PIT-404  server not found
 *   PIT-503  service temporarily unavailable - lame duck mode    (ILLEGAL_STATE: the cause says what it was)
 *   PIT-500  service temporarily unavailable - buffer full
 *   PIT-504  nats timeout - sending request
 *   PIT-500  nats error - …
 * </pre>
 *
 * <p>Threading: any thread. A call blocks its caller, except for those whose result goes to a future.
 */
public final class RpcClient {
    private final NatsClient client;
    private final ServiceDiscovery discovery;
    private final RpcClientOptions options;
    private final byte[] metadata;

    /**
     * A client with the defaults.
     *
     * @param client what it sends by; who made it closes it
     * @param discovery the servers there are
     * @param self who calls, as those that are called are told
     */
    public RpcClient(NatsClient client, ServiceDiscovery discovery, PitayaServer self) {
        this(client, discovery, self, RpcClientOptions.DEFAULT);
    }

    /**
     * A client.
     *
     * @param client what it sends by; who made it closes it
     * @param discovery the servers there are
     * @param self who calls, as those that are called are told
     * @param options how it calls
     */
    public RpcClient(NatsClient client, ServiceDiscovery discovery, PitayaServer self, RpcClientOptions options) {
        this.client = client;
        this.discovery = discovery;
        this.options = options;
        this.metadata = RpcMetadata.of(self, options.timeout());
    }

    /**
     * Calls any server of the route's type.
     *
     * @param route {@code type.service.method}
     * @param argument what the handler gets
     * @return what it has returned
     * @throws RpcException if it did not, or there is no such server
     */
    public byte[] call(String route, byte[] argument) {
        return call("", route, argument);
    }

    /**
     * Calls a server that is looked up.
     *
     * @param serverId of a server of the route's type; empty for any
     * @param route {@code type.service.method}
     * @param argument what the handler gets
     * @return what it has returned
     * @throws RpcException if it did not, or there is no such server
     */
    public byte[] call(String serverId, String route, byte[] argument) {
        return call(serverFor(serverId, route), RpcRequest.user(route, argument));
    }

    /**
     * Calls a certain server with all that can be said in a call.
     *
     * @param server which; it is not looked up
     * @param request what about
     * @return what the handler has returned
     * @throws RpcException if it did not
     */
    public byte[] call(PitayaServer server, RpcRequest request) {
        return ask(question(server, request));
    }

    /**
     * Calls any server of the route's type; the result goes to a future.
     *
     * @param route {@code type.service.method}
     * @param argument what the handler gets; copied before this returns
     * @return completes with what it has returned, exceptionally with an {@link RpcException}; cancelling it gives up
     */
    public CompletableFuture<byte[]> callAsync(String route, byte[] argument) {
        return callAsync("", route, argument);
    }

    /**
     * Calls a server that is looked up; the result goes to a future.
     *
     * @param serverId of a server of the route's type; empty for any
     * @param route {@code type.service.method}
     * @param argument what the handler gets; copied before this returns
     * @return completes with what it has returned, exceptionally with an {@link RpcException}; cancelling it gives up
     */
    public CompletableFuture<byte[]> callAsync(String serverId, String route, byte[] argument) {
        return askAsync(() -> question(serverFor(serverId, route), RpcRequest.user(route, argument)));
    }

    /**
     * Calls a certain server with all that can be said in a call; the result goes to a future.
     *
     * @param server which; it is not looked up
     * @param request what about; copied before this returns
     * @return completes with what the handler has returned, exceptionally with an {@link RpcException}; cancelling it gives up
     */
    public CompletableFuture<byte[]> callAsync(PitayaServer server, RpcRequest request) {
        return askAsync(() -> question(server, request));
    }

    /**
     * Ends the connection of a user.
     *
     * @param userId of the user
     * @param serverType of the frontends
     * @return what has become of it
     * @throws RpcException if it could not be sent, was refused, or no answer came although one is wanted
     * @throws IllegalArgumentException if one of the two cannot be part of a subject
     */
    public Delivery sendKickToUser(String userId, String serverType) {
        return ask(kick(userId, serverType));
    }

    /**
     * Ends the connection of a user; what becomes of it goes to a future.
     *
     * @param userId of the user
     * @param serverType of the frontends
     * @return completes as {@link #sendKickToUser} returns, exceptionally as it throws; cancelling it gives up
     */
    public CompletableFuture<Delivery> sendKickToUserAsync(String userId, String serverType) {
        return askAsync(() -> kick(userId, serverType));
    }

    /**
     * Sends something to a user.
     *
     * @param userId of the user
     * @param serverType of the frontends
     * @param route which the user's client knows it by
     * @param data what
     * @return what has become of it
     * @throws RpcException if it could not be sent, was refused, or no answer came although one is wanted
     * @throws IllegalArgumentException if user or type cannot be part of a subject
     */
    public Delivery sendPushToUser(String userId, String serverType, String route, byte[] data) {
        return ask(push(userId, serverType, route, data));
    }

    /**
     * Sends something to a user; what becomes of it goes to a future.
     *
     * @param userId of the user
     * @param serverType of the frontends
     * @param route which the user's client knows it by
     * @param data what; copied before this returns
     * @return completes as {@link #sendPushToUser} returns, exceptionally as it throws; cancelling it gives up
     */
    public CompletableFuture<Delivery> sendPushToUserAsync(
            String userId, String serverType, String route, byte[] data) {
        return askAsync(() -> push(userId, serverType, route, data));
    }

    private <T> T ask(Question<T> question) {
        return question.ask(client, options.timeout());
    }

    /** What is wrong before anything is sent goes to the future, too. */
    private <T> CompletableFuture<T> askAsync(Supplier<Question<T>> question) {
        try {
            return question.get().askAsync(client, options.timeout());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private PitayaServer serverFor(String serverId, String route) {
        String[] parts = route.split("\\.", -1);
        List<PitayaServer> servers = parts.length == 3 ? discovery.ofType(parts[0]) : List.of();
        if (servers.isEmpty()) {
            throw new RpcException(new RpcError(RpcError.NOT_FOUND, "no servers found for route: " + route));
        }
        if (serverId.isEmpty()) {
            return servers.get(ThreadLocalRandom.current().nextInt(servers.size()));
        }
        return servers.stream()
                .filter(server -> server.id().equals(serverId))
                .findAny()
                .orElseThrow(() -> new RpcException(new RpcError(RpcError.NOT_FOUND, "server not found")));
    }

    private Question<byte[]> question(PitayaServer server, RpcRequest request) {
        RpcRequest introduced = request.metadata().length == 0 ? request.withMetadata(metadata) : request;
        return new Question<>(server.subject(), introduced.encode(), RpcClient::result, e -> {
            throw failure(e, "request");
        });
    }

    private static byte[] result(byte[] answer) {
        RpcResponse response;
        try {
            response = RpcResponse.decode(answer);
        } catch (RpcFormatException e) {
            throw new RpcException(new RpcError(RpcError.INTERNAL, "the answer is no response: " + e.getMessage()), e);
        }
        if (response.error() != null) {
            throw new RpcException(response.error());
        }
        return response.data();
    }

    private Question<Delivery> kick(String userId, String serverType) {
        requireUser(userId, serverType, "SendKickToUser");
        byte[] kick = new UserMessages.Kick(userId).encode();
        return toUser(PitayaServer.kickSubject(serverType, userId), kick, "kick to user");
    }

    private Question<Delivery> push(String userId, String serverType, String route, byte[] data) {
        requireUser(userId, serverType, "SendPushToUser");
        byte[] push = new UserMessages.Push(route, userId, data).encode();
        return toUser(PitayaServer.pushSubject(serverType, userId), push, "push to user");
    }

    private static void requireUser(String userId, String serverType, String who) {
        if (userId.isEmpty()) {
            throw new RpcException(new RpcError(RpcError.INTERNAL, "Received an empty user id"));
        }
        if (serverType.isEmpty()) {
            throw new RpcException(new RpcError(RpcError.INTERNAL, who + " received an empty server type"));
        }
    }

    private Question<Delivery> toUser(String subject, byte[] message, String what) {
        return new Question<>(subject, message, RpcClient::taken, e -> switch (e.status()) {
            case NO_RESPONDERS -> Delivery.NOT_CONNECTED;
            case TIMEOUT -> silence(e, what);
            default -> throw failure(e, what);
        });
    }

    private Delivery silence(NatsException e, String what) {
        if (options.awaitAnswer() || e.isNeverSent()) {
            throw failure(e, what);
        }
        return Delivery.SENT;
    }

    /** A push is answered with a response, a kick with something else: what is no failure is an answer. */
    private static Delivery taken(byte[] answer) {
        RpcError error;
        try {
            error = RpcResponse.decode(answer).error();
        } catch (RpcFormatException e) {
            return Delivery.ANSWERED;
        }
        if (error != null) {
            throw new RpcException(error);
        }
        return Delivery.ANSWERED;
    }

    /** CONTRACT S82. */
    private static RpcException failure(NatsException e, String what) {
        RpcError error = switch (e.status()) {
            case TIMEOUT -> new RpcError(RpcError.TIMEOUT, "nats timeout - sending " + what);
            case ILLEGAL_STATE ->
                new RpcError(RpcError.UNAVAILABLE, "service temporarily unavailable - lame duck mode");
            case INSUFFICIENT_BUFFER ->
                new RpcError(RpcError.INTERNAL, "service temporarily unavailable - buffer full");
            default ->
                new RpcError(RpcError.INTERNAL, "nats error - " + e.status().text());
        };
        return new RpcException(error, e);
    }
}
