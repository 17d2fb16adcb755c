package io.mallard.internal.connection;

import io.mallard.ConnectionOptions;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import io.mallard.PublishReliability;
import io.mallard.internal.outbound.Ending;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.outbound.Ping;
import io.mallard.internal.outbound.SocketWriter;
import io.mallard.internal.outbound.TrafficCounters;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.net.EventLoop;
import io.mallard.protocol.net.Opening;
import io.mallard.protocol.net.OpeningTransport;
import io.mallard.protocol.net.TlsTransport;
import io.mallard.protocol.net.Transport;
import io.mallard.protocol.net.WebSocketOpening;
import io.mallard.protocol.net.WebSocketTransport;
import io.mallard.protocol.wire.MessageView;
import io.mallard.protocol.wire.ProtocolException;
import io.mallard.protocol.wire.ProtocolHandler;
import io.mallard.protocol.wire.ProtocolParser;
import io.mallard.protocol.wire.ServerInfo;
import io.mallard.protocol.wire.WireLimits;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One socket's whole life: connect, through a proxy and to a WebSocket if it is to be, INFO, TLS if it is to be, CONNECT +
 * PING, PONG, then commands and messages until one side closes it.
 *
 * <p>What goes wrong on it ends it: bad bytes, a broken socket, silence. Its owner then decides what to do with what was
 * not written.
 *
 * <p>Threading: owned by the event loop. {@link #outbound()} and {@link #writer()} have rules of their own, and anybody may
 * ask {@link #isLameDuck()}.
 */
public final class ServerConnection implements Transport.Events, ProtocolHandler {
    /** How a server is reached. */
    @FunctionalInterface
    public interface Connector {
        /** Begins to connect a transport, whose events go to the connection. */
        Transport connect(Transport.Events events) throws IOException;

        /** What is said to a proxy that is there instead of the server; null if none is. */
        default @Nullable Opening tunnel() {
            return null;
        }

        /** What is put over it. */
        default TlsUpgrade tls() {
            return TlsUpgrade.NONE;
        }
    }

    /** Control and format characters, line and paragraph separators. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    /** Room for any subject that a server lets a client use. */
    private static final int LONGEST_ERROR = 8 << 10;

    /** As much of what should not have come as tells what it is. */
    private static final int EXCERPT_BYTES = 64;

    private final EventLoop loop;
    private final ServerAddress address;
    private final Introduction introduction;
    private final ConnectionOptions options;
    private final ProtocolParser parser = new ProtocolParser(WireLimits.DEFAULTS);
    private final TrafficCounters traffic;
    private final OutboundBuffer outbound;
    private final TlsUpgrade tls;
    private final @Nullable Opening tunnel;
    // Others than at first once layers are put between, before anything is sent.
    private Transport transport;
    private SocketWriter writer;

    /** Latch: once true, always true. */
    private boolean encrypted;

    private final Dialer.Caller caller;
    /** Nobody before the connection is ready. */
    private @Nullable ConnectionOwner owner;

    private NatsMessage.@Nullable Replier replier;

    private ConnectionState state = ConnectionState.CONNECTING;
    private final long handshakeDeadlineNs;
    private @Nullable ServerInfo info;
    /** This server's own entry in the list of its first INFO, if it was there. */
    private @Nullable String ownUrl;

    /** The server has sent a PING, and nothing may be said before CONNECT. */
    private boolean owesPong;
    /** Of the credentials it was made with; null for never. */
    private @Nullable Expiry expiry;
    /** Why the server is about to close it, in its own words. */
    private @Nullable String farewell;

    private @Nullable KeepAlive keepAlive;
    /** PINGs that must be answered by a deadline, in the order they were sent. */
    private final Queue<TimedPing> timedPings = new ArrayDeque<>();
    /** Whether a PONG has come since {@link #coverTail} last asked. */
    private boolean answered;

    private long coverDueNs;
    /** Since the read that is being parsed. */
    private int messagesOfRead;

    /** What has waited since then was found to have waited too long. */
    private long overdueSinceNs = SocketWriter.NOT_ASKED;
    // Latch: once true, always true. A server says it once; a later INFO may omit it, so never recompute it.
    private volatile boolean lameDuck;

    private ServerConnection(
            EventLoop loop,
            ServerAddress address,
            Connector connector,
            Introduction introduction,
            ConnectionOptions options,
            TrafficCounters traffic,
            long handshakeDeadlineNs,
            Dialer.Caller caller)
            throws IOException {
        this.loop = loop;
        this.address = address;
        this.introduction = introduction;
        this.options = options;
        this.handshakeDeadlineNs = handshakeDeadlineNs;
        this.caller = caller;
        this.traffic = traffic;
        this.outbound = options.publishReliability() == PublishReliability.AT_LEAST_ONCE
                ? OutboundBuffer.ofRetainingConnection(
                        options.outboundBufferBytes(), options.maxRetainedBytes(), traffic)
                : OutboundBuffer.ofConnection(options.outboundBufferBytes(), traffic);
        this.tunnel = connector.tunnel();
        this.tls = connector.tls();
        this.transport = connector.connect(this);
        this.writer = new SocketWriter(outbound, transport, this::onWriteFailed);
    }

    /**
     * Begins to connect.
     *
     * @param address the server as it is known
     * @param connector how it is reached
     * @param introduction what it says of itself in CONNECT
     * @param traffic counts what goes through it
     * @param handshakeDeadlineNs until when the connection must be ready
     * @throws IOException when the socket cannot even be opened
     */
    public static ServerConnection open(
            EventLoop loop,
            ServerAddress address,
            Connector connector,
            Introduction introduction,
            ConnectionOptions options,
            TrafficCounters traffic,
            long handshakeDeadlineNs,
            Dialer.Caller caller)
            throws IOException {
        return new ServerConnection(
                loop, address, connector, introduction, options, traffic, handshakeDeadlineNs, caller);
    }

    public ServerAddress address() {
        return address;
    }

    public String url() {
        return address.toString();
    }

    public OutboundBuffer outbound() {
        return outbound;
    }

    public SocketWriter writer() {
        return writer;
    }

    public ConnectionState state() {
        return state;
    }

    public boolean isLameDuck() {
        return lameDuck;
    }

    /** The latest INFO of a connection that has received one. */
    public ServerInfo info() {
        return Objects.requireNonNull(info, "no INFO yet");
    }

    public String serverId() {
        return info().serverId();
    }

    /** Whether both are connections to one server. Servers without an id are never known to be one. */
    public boolean isToServerOf(ServerConnection other) {
        return !serverId().isEmpty() && serverId().equals(other.serverId());
    }

    /** Whether its credentials expire so soon that another connection is due. */
    public boolean isRenewalDue(long nowNs) {
        return expiry != null && expiry.isDue(nowNs);
    }

    /** The nanoseconds until then. */
    public long nsUntilRenewal(long nowNs) {
        return expiry == null ? Long.MAX_VALUE : expiry.nsUntilDue(nowNs);
    }

    /** There are no better credentials now: some time passes before that is tried again, if it is at all. */
    public void renewLater(long nowNs) {
        expiry = expiry == null ? null : expiry.later(nowNs);
    }

    /** Whether its credentials are valid for longer than those of another connection. */
    public boolean outlasts(ServerConnection other) {
        return other.expiry != null && (expiry == null || expiry.atS() > other.expiry.atS());
    }

    /** How long its credentials are still valid. */
    public long nsUntilExpiry(long nowNs) {
        return expiry == null ? Long.MAX_VALUE : Math.max(0, expiry.endNs() - nowNs);
    }

    /** Makes somebody responsible for this ready connection. */
    public void owner(ConnectionOwner newOwner) {
        this.owner = newOwner;
    }

    private ConnectionOwner owner() {
        return Objects.requireNonNull(owner, "a ready connection has an owner");
    }

    /** Gives the messages of this connection their way back. */
    public void replier(NatsMessage.Replier wayBack) {
        this.replier = wayBack;
    }

    public NatsMessage.Replier replier() {
        return Objects.requireNonNull(replier, "a connection that delivers has a way back");
    }

    /** Acts on what is due; returns the nanoseconds until it wants to be called again. */
    public long onTick(long nowNs) {
        return switch (state) {
            case CONNECTING,
                    OPENING_TUNNEL,
                    OPENING_WEBSOCKET,
                    AWAITING_INFO,
                    SECURING,
                    AWAITING_CREDENTIALS,
                    AWAITING_PONG -> awaitHandshake(nowNs);
            case READY -> keepAlive(nowNs);
            case CLOSED -> Long.MAX_VALUE;
        };
    }

    private long awaitHandshake(long nowNs) {
        if (handshakeDeadlineNs - nowNs <= 0) {
            fail(new NatsException(NatsStatus.TIMEOUT, "timed out waiting for " + state.awaited() + ifTlsIsExpected()));
            return Long.MAX_VALUE;
        }
        return handshakeDeadlineNs - nowNs;
    }

    private long keepAlive(long nowNs) {
        if (keepAlive == null) {
            keepAlive = new KeepAlive(options.pingInterval().toNanos(), options.maxPingsOut(), nowNs);
        }
        TimedPing oldest = timedPings.peek();
        if (oldest != null && oldest.deadlineNs - nowNs <= 0) {
            fail(new NatsException(NatsStatus.TIMEOUT, "the server has stopped answering"));
            return Long.MAX_VALUE;
        }
        if (keepAlive.isDue(nowNs)) {
            if (keepAlive.isStale()) {
                fail(new NatsException(
                        NatsStatus.CONNECTION_CLOSED,
                        "stale connection: " + keepAlive.unanswered() + " PINGs unanswered, one every "
                                + options.pingInterval().toMillis() + " ms"));
                return Long.MAX_VALUE;
            }
            outbound.urgentPing(new KeepAlivePing(keepAlive));
            keepAlive.onSent(nowNs);
            writer.flush();
        }
        long stalledNs = nsUntilStalled(nowNs);
        if (state == ConnectionState.CLOSED) {
            return Long.MAX_VALUE;
        }
        long dueNs = Math.min(stalledNs, Math.min(keepAlive.nsUntilDue(nowNs), coverTail(nowNs)));
        return oldest == null ? dueNs : Math.min(dueNs, oldest.deadlineNs - nowNs);
    }

    /**
     * A server that takes nothing any more loses the connection. If it was this process that did nothing for that long, the
     * socket may have room: the loop looks once more.
     */
    private long nsUntilStalled(long nowNs) {
        long sinceNs = writer.waitingSinceNs();
        if (sinceNs == SocketWriter.NOT_ASKED) {
            return Long.MAX_VALUE;
        }
        long leftNs = options.writeTimeout().toNanos() - (nowNs - sinceNs);
        if (leftNs > 0) {
            return leftNs;
        }
        if (overdueSinceNs != sinceNs) {
            overdueSinceNs = sinceNs;
            return 0;
        }
        fail(new NatsException(
                NatsStatus.TIMEOUT,
                "the server has taken nothing for " + options.writeTimeout().toMillis()
                        + " ms (writeTimeout), and there is something to write"));
        return Long.MAX_VALUE;
    }

    /** Asks the buffer no more often than needed: its lock is the callers'. */
    private long coverTail(long nowNs) {
        if (answered || coverDueNs - nowNs <= 0) {
            answered = false;
            coverDueNs = nowNs + outbound.coverTail(nowNs);
            writer.flush();
        }
        return coverDueNs - nowNs;
    }

    /** Sends a PING ahead of user data; a server that has not answered by the deadline loses the connection. */
    public void ping(Ping ping, long deadlineNs) {
        TimedPing timed = new TimedPing(ping, deadlineNs);
        timedPings.add(timed);
        outbound.urgentPing(timed);
        writer.flush();
    }

    /**
     * After {@link #close}: what never reached the server, and what is kept because it may not have, goes to the buffer of
     * the next connection.
     *
     * @return publishes the server may or may not have processed
     */
    public long bequeath(OutboundBuffer next, long nowNs) {
        return writer.moveUnwritten(next, new Ending(info().maxPayload(), isForWhatWasSent(farewell)), nowNs);
    }

    /** Closes the connection; nobody is told. Idempotent. */
    public void close() {
        if (state != ConnectionState.CLOSED) {
            state = ConnectionState.CLOSED;
            outbound.seal();
            outbound.sealForReplies();
            transport.close();
            writer.close();
        }
    }

    private void fail(Throwable cause) {
        if (state != ConnectionState.CLOSED) {
            boolean reached = state.isReached();
            outbound.onLost();
            close();
            if (owner == null) {
                caller.onFailed(cause, reached);
            } else {
                owner.onClosed(this, cause);
            }
        }
    }

    private void onWriteFailed(IOException cause) {
        // From whatever thread wrote. What the server sent before it broke the connection, such as an -ERR that says
        // why, is still to be read: reading finds the end by itself, or else this does.
        onLoop(() -> {
            if (state != ConnectionState.CLOSED) {
                onReadable();
                fail(explained(cause));
            }
        });
    }

    @Override
    public void onConnected() {
        switch (state) {
            case CONNECTING -> openTunnel();
            case OPENING_TUNNEL -> onReached();
            case SECURING -> onSecured();
            case OPENING_WEBSOCKET -> state = ConnectionState.AWAITING_INFO;
            case AWAITING_INFO, AWAITING_CREDENTIALS, AWAITING_PONG, READY, CLOSED -> {}
        }
    }

    private void openTunnel() {
        if (tunnel == null) {
            onReached();
            return;
        }
        state = ConnectionState.OPENING_TUNNEL;
        OpeningTransport opening = OpeningTransport.over(transport, tunnel, this);
        use(opening);
        opening.begin();
    }

    private void onReached() {
        if (tls.isFirst(address)) {
            secure();
        } else {
            awaitInfo();
        }
    }

    private void awaitInfo() {
        if (!address.scheme().isWebSocket()) {
            state = ConnectionState.AWAITING_INFO;
            return;
        }
        state = ConnectionState.OPENING_WEBSOCKET;
        SecureRandom random = new SecureRandom();
        WebSocketTransport webSocket = WebSocketTransport.over(
                transport, new WebSocketOpening(address.authority(), address.path(), random), random, this);
        use(webSocket);
        webSocket.begin();
    }

    /** From now on everything goes through a layer that is put between. */
    private void use(Transport layer) {
        transport = layer;
        writer = new SocketWriter(outbound, layer, this::onWriteFailed);
    }

    private void secure() {
        state = ConnectionState.SECURING;
        tls.makeEngine(loop, address, this::beginHandshake, this::failToSecure);
    }

    private void beginHandshake(SSLEngine engine) {
        if (state == ConnectionState.SECURING) {
            TlsTransport secured = tls.over(transport, loop, engine, this);
            use(secured);
            secured.handshake(ByteBuffer.allocate(0));
        }
    }

    private void onSecured() {
        encrypted = true;
        tls.onSecured(address);
        if (info == null) {
            awaitInfo();
        } else {
            answer(info);
        }
    }

    /** What INFO says of it is of the port without WebSockets. */
    private boolean isOfVerification() {
        return info != null && info.tlsVerify() && !address.scheme().isWebSocket();
    }

    private void failToSecure(Throwable cause) {
        fail(cause instanceof NatsException ? cause : explained(cause));
    }

    /** What broke the connection. Until it is ready that may be TLS: of its client a server says so after the handshake. */
    private Throwable explained(Throwable cause) {
        boolean ofTls = switch (state) {
            case SECURING -> true;
            case OPENING_WEBSOCKET, AWAITING_INFO, AWAITING_CREDENTIALS, AWAITING_PONG ->
                encrypted
                        && (cause instanceof SSLException || isOfVerification())
                        && !(cause instanceof ProtocolException);
            case CONNECTING, OPENING_TUNNEL, READY, CLOSED -> false;
        };
        return ofTls ? TlsFailure.explain(cause, tls.options(), tls.nameOf(address), info) : cause;
    }

    /** A server waits in silence for a handshake that is to come first. */
    private String ifTlsIsExpected() {
        boolean expected =
                state == ConnectionState.AWAITING_INFO && tls.options().isRequired() && !tls.isFirst(address);
        return expected ? "; if the server has handshake_first, set tlsFirst" : "";
    }

    @Override
    public void onReadable() {
        ByteBuffer buffer = loop.readBuffer().clear();
        try {
            int read = transport.read(buffer);
            if (read < 0) {
                fail(explained(
                        new EOFException("the server closed the connection" + circumstances() + ifTlsIsExpected())));
            } else if (state == ConnectionState.SECURING) {
                refuseInTheClear(buffer.flip());
            } else if (read > 0) {
                messagesOfRead = 0;
                parser.parse(buffer.flip(), this);
                traffic.onReceived(messagesOfRead, read);
            }
        } catch (IOException e) {
            fail(explained(farewell == null ? e : new IOException(e.getMessage() + ": " + farewell, e)));
        } catch (RuntimeException e) {
            if (state == ConnectionState.CLOSED) {
                throw e; // Nobody else would hear of it: its owner knows this connection is gone, or failed to act on
                // that.
            }
            fail(new IllegalStateException("a message could not be processed, this is a defect of the client", e));
        }
    }

    private String circumstances() {
        return switch (state) {
            case READY -> farewell == null ? "" : ": " + farewell;
            case AWAITING_CREDENTIALS -> " before it had " + state.awaited();
            default -> " instead of sending " + state.awaited();
        };
    }

    @Override
    public void onWritable() {
        writer.onWritable();
    }

    @Override
    public void onFailed(IOException cause) {
        fail(explained(cause));
    }

    @Override
    public void onInfo(ServerInfo received) {
        switch (state) {
            case AWAITING_INFO -> shakeHands(received);
            case AWAITING_CREDENTIALS, AWAITING_PONG, READY -> onLaterInfo(received);
            case CONNECTING, OPENING_TUNNEL, OPENING_WEBSOCKET, SECURING, CLOSED -> {}
        }
    }

    private void shakeHands(ServerInfo first) {
        info = first;
        try {
            if (!encrypted && tls.isDue(address, first)) {
                secure();
                refuseInTheClear(loop.readBuffer());
                return;
            }
        } catch (NatsException e) {
            fail(e);
            return;
        }
        answer(first);
    }

    /** A server that is to speak TLS waits for the client to begin: what comes before that may be anybody's. */
    private void refuseInTheClear(ByteBuffer received) {
        if (received.hasRemaining()) {
            byte[] start = new byte[Math.min(received.remaining(), EXCERPT_BYTES)];
            int count = received.remaining();
            received.get(start).position(received.limit());
            fail(new NatsException(
                    NatsStatus.PROTOCOL_ERROR,
                    "the server sent " + count + " bytes in the clear before the TLS handshake: "
                            + printable(new String(start, StandardCharsets.US_ASCII))
                            + (tls.options().first() ? "; if its handshake_first is off, set tlsFirst to false" : "")));
        }
    }

    private void answer(ServerInfo first) {
        ownUrl = first.connectUrls().contains(address.hostAndPort()) ? address.hostAndPort() : null;
        latchLameDuck(first.lameDuck());
        state = ConnectionState.AWAITING_CREDENTIALS;
        CompletableFuture<Introduction.Hello> hello = introduction.to(address, first);
        if (hello.isDone()) {
            introduce(hello);
        } else {
            CompletableFuture<Introduction.Hello> unused =
                    hello.whenComplete((known, failure) -> onLoop(() -> introduce(hello)));
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The client is closed, and so is this connection.
        }
    }

    private void introduce(CompletableFuture<Introduction.Hello> known) {
        if (state != ConnectionState.AWAITING_CREDENTIALS) {
            return; // Given up meanwhile.
        }
        Introduction.Hello hello;
        try {
            hello = known.join();
        } catch (CompletionException e) {
            fail(e.getCause() == null ? e : e.getCause());
            return;
        }
        state = ConnectionState.AWAITING_PONG;
        expiry = hello.expiry();
        outbound.connect(hello.connectInfo().toJson());
        if (owesPong) {
            boolean unused = outbound.pong(); // The first one.
        }
        outbound.urgentPing(new HandshakePing());
        writer.flush();
    }

    private void onLaterInfo(ServerInfo later) {
        info = later;
        // A server of 2.12 or newer that went lame during the handshake does not say so; its own URL is just missing
        // from the INFO that answers CONNECT (facts of nats-server's client.go, measured on 2.15).
        boolean vanished = later.connectInfo()
                && ownUrl != null
                && !later.connectUrls().isEmpty()
                && !later.connectUrls().contains(ownUrl);
        if (state == ConnectionState.READY) {
            owner().onInfo(this);
        }
        latchLameDuck(later.lameDuck() || vanished);
    }

    private void latchLameDuck(boolean seen) {
        if (seen && !lameDuck && state != ConnectionState.CLOSED) {
            lameDuck = true;
            if (state == ConnectionState.READY) {
                owner().onLameDuck(this);
            }
        }
    }

    /** A server speaks first, and an INFO: an answer to anything else would be on its way before CONNECT. */
    private void refuseBeforeInfo(String op) {
        if (state == ConnectionState.AWAITING_INFO) {
            fail(new NatsException(NatsStatus.PROTOCOL_ERROR, "the server sent " + op + " instead of its INFO"));
        }
    }

    @Override
    public void onMessage(MessageView message) {
        refuseBeforeInfo("MSG");
        messagesOfRead++;
        if (state == ConnectionState.READY) {
            owner().onMessage(this, message);
        }
    }

    @Override
    public void onPing() {
        refuseBeforeInfo("PING");
        if (state == ConnectionState.AWAITING_CREDENTIALS) {
            owesPong = true;
        } else if (state != ConnectionState.CLOSED) {
            if (outbound.pong()) {
                writer.flush();
            } else {
                fail(new NatsException(
                        NatsStatus.PROTOCOL_ERROR, "the server sends PINGs without end, and takes no PONG"));
            }
        }
    }

    @Override
    public void onPong() {
        refuseBeforeInfo("PONG");
        answered = true;
        if (state != ConnectionState.CLOSED && !outbound.onPong(System.nanoTime())) {
            fail(new NatsException(NatsStatus.PROTOCOL_ERROR, "the server sent a PONG without a PING"));
        }
    }

    @Override
    public void onOk() {
        // Only in verbose mode, which this client never asks for.
    }

    @Override
    public void onError(String received) {
        String text = printable(received);
        if (state == ConnectionState.READY) {
            farewell = isFarewell(text) ? text : farewell;
            owner().onServerError(this, text);
        } else if (state != ConnectionState.CLOSED) {
            fail(refusal(text));
        }
    }

    /** After others than these a server closes the connection. */
    private static boolean isFarewell(String text) {
        String words = text.toLowerCase(Locale.ROOT);
        return !words.startsWith("permissions violation")
                && !words.startsWith("invalid subject")
                && !words.startsWith("maximum subscriptions exceeded");
    }

    /** Words of a server that closes the connection because of a command. */
    private static boolean isForWhatWasSent(@Nullable String farewell) {
        String words = farewell == null ? "" : farewell.toLowerCase(Locale.ROOT);
        return words.contains("maximum payload")
                || words.contains("maximum control line")
                || words.contains("unknown protocol operation")
                || words.contains("parser error");
    }

    private static NatsException refusal(String text) {
        if (CredentialsRefusedException.isSaidBy(text)) {
            return CredentialsRefusedException.duringHandshake(text);
        }
        boolean late = CredentialsRefusedException.isTimeoutSaidBy(text);
        return new NatsException(
                late ? NatsStatus.CONNECTION_AUTH_FAILED : NatsStatus.ERR,
                "the server refused the connection: " + text
                        + (late ? "; credentials must come within its authorization timeout" : ""));
    }

    /** Whatever a server puts into its text, it stays within one line of a log, and a short one. */
    private static String printable(String text) {
        String words = text.length() <= LONGEST_ERROR ? text : text.substring(0, LONGEST_ERROR) + "…";
        return UNPRINTABLE
                .matcher(words)
                .replaceAll(found -> String.format("\\\\u%04x", found.group().codePointAt(0)));
    }

    private final class HandshakePing extends Ping {
        @Override
        public void onPong() {
            state = ConnectionState.READY;
            caller.onReady(ServerConnection.this);
        }

        @Override
        public void onLost() {}
    }

    private final class TimedPing extends Ping {
        private final Ping ping;
        private final long deadlineNs;

        TimedPing(Ping ping, long deadlineNs) {
            this.ping = ping;
            this.deadlineNs = deadlineNs;
        }

        @Override
        public void onPong() {
            timedPings.remove(this);
            ping.onPong();
        }

        @Override
        public void onLost() {
            ping.onLost();
        }
    }

    private static final class KeepAlivePing extends Ping {
        private final KeepAlive keepAlive;

        KeepAlivePing(KeepAlive keepAlive) {
            this.keepAlive = keepAlive;
        }

        @Override
        public void onPong() {
            keepAlive.onAnswered();
        }

        @Override
        public void onLost() {}
    }

    @Override
    public String toString() {
        return url() + " " + state + (lameDuck ? ", lame duck" : "");
    }
}
