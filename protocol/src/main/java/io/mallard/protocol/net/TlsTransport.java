package io.mallard.protocol.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * TLS over another transport: an {@link SSLEngine} driven by the events of the socket below.
 *
 * <p>It is put over a socket that is still connecting (TLS first) or over one that has already spoken (NATS asks for
 * TLS in its plain INFO); either way its owner sees what it would see of a plain socket. Whom to trust, and that the
 * host name is verified, is decided by whoever made the engine.
 *
 * <p>The end of the stream is the end with or without a close_notify: a server that dies sends none, and NATS frames
 * its messages, so nothing cut off can be taken for whole. Renegotiation is refused.
 *
 * <p>Threading: as {@link Transport}. The loop owns reading and unwrapping, the holder of the write token owns
 * wrapping; until {@link Events#onConnected} nobody holds the token and the loop does both. Later the engine may want
 * to write by itself (a key update): that is asked for as room to write is, so that the token holder does it. Tasks of
 * the handshake, which may block, run on an executor.
 */
public final class TlsTransport implements Transport, Transport.Events {
    private enum State {
        /** The socket below is not connected, or {@link #handshake} has not been called yet. */
        CONNECTING,
        HANDSHAKING,
        /** A task of the handshake runs. It holds the engine's lock, so the loop leaves the engine alone. */
        DELEGATED,
        OPEN,
        FAILED,
        CLOSED
    }

    /** Four records: a system call moves several of them. */
    private static final int NETWORK_BUFFER_BYTES = 64 << 10;

    /** No record and no flight of a handshake is as large; whoever sends more undecryptable bytes is not a TLS peer. */
    private static final int MAX_NETWORK_BUFFER_BYTES = 256 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Transport lower;
    private final Executor loop;
    private final SSLEngine engine;
    private final Executor taskExecutor;
    private final int networkBufferBytes;

    // Owned by the loop.
    private Events events;
    // Each buffer spans what it holds: from position to limit.
    private State state = State.CONNECTING;
    private ByteBuffer netIn = NOTHING;
    private ByteBuffer decrypted = NOTHING;
    // Something is there that the owner has not been told of, or has left in the buffers above.
    private boolean unread;

    // Owned by the loop until onConnected, then by whoever has set writing.
    private ByteBuffer netOut = NOTHING;
    // Set during a write, and for good by the loop when it says the last word; these two never wait for each other.
    private final AtomicBoolean writing = new AtomicBoolean();

    TlsTransport(
            Transport lower,
            Executor loop,
            SSLEngine engine,
            Events events,
            Executor taskExecutor,
            int networkBufferBytes) {
        this.lower = lower;
        this.loop = loop;
        this.engine = engine;
        this.events = events;
        this.taskExecutor = taskExecutor;
        this.networkBufferBytes = networkBufferBytes;
    }

    /**
     * Puts TLS between a socket and its owner. The handshake begins when the socket connects; if it is connected
     * already, with {@link #handshake}. On the loop.
     *
     * @param taskExecutor runs what the engine must not do on the loop, such as checking certificates
     */
    public static TlsTransport over(
            Transport lower, EventLoop loop, SSLEngine engine, Events events, Executor taskExecutor) {
        TlsTransport transport = new TlsTransport(lower, loop, engine, events, taskExecutor, NETWORK_BUFFER_BYTES);
        lower.events(transport);
        return transport;
    }

    /**
     * Begins the handshake on a connected socket; {@link Events#onConnected} or {@link Events#onFailed} follows, the
     * latter perhaps from within this call. On the loop.
     *
     * @param alreadyRead what was read from the socket behind the last plain byte; taken before the call returns
     */
    public void handshake(ByteBuffer alreadyRead) {
        if (state != State.CONNECTING) {
            throw new IllegalStateException("handshake in state " + state);
        }
        state = State.HANDSHAKING;
        netIn = ByteBuffer.allocateDirect(Math.max(networkBufferBytes, alreadyRead.remaining()))
                .put(alreadyRead)
                .flip();
        netOut = ByteBuffer.allocateDirect(networkBufferBytes).flip();
        try {
            engine.beginHandshake();
        } catch (SSLException e) {
            fail(e);
            return;
        }
        advance();
    }

    @Override
    public void events(Events newOwner) {
        this.events = newOwner;
    }

    @Override
    public void onConnected() {
        handshake(NOTHING);
    }

    @Override
    public void onReadable() {
        switch (state) {
            case HANDSHAKING -> advance();
            case DELEGATED -> fillMeanwhile();
            case OPEN -> {
                unread = true;
                announce();
            }
            case CONNECTING, FAILED, CLOSED -> {}
        }
    }

    @Override
    public void onWritable() {
        switch (state) {
            case HANDSHAKING -> advance();
            case OPEN -> events.onWritable();
            case CONNECTING, DELEGATED, FAILED, CLOSED -> {}
        }
    }

    @Override
    public void onFailed(IOException cause) {
        fail(cause);
    }

    /** Takes the handshake as far as it can go now. */
    private void advance() {
        try {
            while (state == State.HANDSHAKING) {
                if (!flush()) {
                    lower.requestWrite();
                    return;
                }
                switch (engine.getHandshakeStatus()) {
                    case NEED_WRAP -> encrypt(NOTHING);
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                        if (!takeHandshakeRecord()) {
                            return;
                        }
                    }
                    case NEED_TASK -> delegate();
                    case NOT_HANDSHAKING, FINISHED -> open();
                }
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private boolean takeHandshakeRecord() throws IOException {
        return switch (decrypt(NOTHING, true)) {
            case OK -> true;
            case BUFFER_UNDERFLOW -> false;
            case BUFFER_OVERFLOW -> throw new SSLException("application data during the TLS handshake");
            case CLOSED -> throw new EOFException("connection closed by the server during the TLS handshake");
        };
    }

    private void delegate() throws IOException {
        state = State.DELEGATED;
        try {
            taskExecutor.execute(this::runTasks);
        } catch (RejectedExecutionException e) {
            throw new IOException("no thread takes the tasks of the TLS handshake", e);
        }
    }

    /** On the executor. */
    private void runTasks() {
        Runnable whenDone = this::onTasksDone;
        try {
            Runnable task;
            while ((task = engine.getDelegatedTask()) != null) {
                task.run();
            }
        } catch (RuntimeException | Error e) {
            whenDone = () -> fail(new SSLException("a task of the TLS handshake failed: " + e, e));
        }
        try {
            loop.execute(whenDone);
        } catch (RejectedExecutionException e) {
            // The loop has ended, and with it the socket; nobody waits for this handshake.
        }
    }

    private void onTasksDone() {
        if (state == State.DELEGATED) {
            state = State.HANDSHAKING;
            advance();
        }
    }

    /** Left unread, what comes during a task would wake the loop again and again. */
    private void fillMeanwhile() {
        try {
            if (fill() < 0) {
                fail(new EOFException("connection closed by the server during the TLS handshake"));
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private void open() {
        state = State.OPEN;
        unread = netIn.hasRemaining();
        events.onConnected();
        announce();
    }

    /** The socket announces again what is left in it, but knows nothing of what is left in the buffers here. */
    private void announce() {
        while (unread && state == State.OPEN) {
            unread = false;
            events.onReadable();
        }
    }

    private void fail(IOException cause) {
        if (state != State.FAILED && state != State.CLOSED) {
            leave(State.FAILED);
            events.onFailed(cause);
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int start = target.position();
        takeDecrypted(target);
        Status status = Status.OK;
        while (status == Status.OK && target.hasRemaining()) {
            // One filling of netIn a call: a fast server must not keep the loop to itself.
            boolean nothingYet = target.position() == start;
            status = decrypt(target, nothingYet);
            if (status == Status.BUFFER_OVERFLOW && nothingYet) {
                status = decryptAside();
                takeDecrypted(target);
            }
        }
        int taken = target.position() - start;
        unread = taken > 0
                && switch (status) {
                    case OK, BUFFER_OVERFLOW -> netIn.hasRemaining() || decrypted.hasRemaining();
                    case BUFFER_UNDERFLOW -> false;
                    case CLOSED -> true;
                };
        return taken == 0 && status == Status.CLOSED ? -1 : taken;
    }

    private void takeDecrypted(ByteBuffer target) {
        int length = Math.min(decrypted.remaining(), target.remaining());
        target.put(target.position(), decrypted, decrypted.position(), length);
        target.position(target.position() + length);
        decrypted.position(decrypted.position() + length);
    }

    /** Decrypts a record that is larger than the room its reader has. */
    private Status decryptAside() throws IOException {
        decrypted.clear();
        try {
            Status status;
            while ((status = decrypt(decrypted, true)) == Status.BUFFER_OVERFLOW) {
                decrypted = ByteBuffer.allocateDirect(
                        Math.max(2 * decrypted.capacity(), engine.getSession().getApplicationBufferSize()));
            }
            return status;
        } finally {
            decrypted.flip();
        }
    }

    /**
     * Decrypts the next record.
     *
     * @return BUFFER_OVERFLOW when the record needs more room than {@code target} has, BUFFER_UNDERFLOW when it is not
     *     here in full, CLOSED at the end of the stream
     */
    private Status decrypt(ByteBuffer target, boolean mayFill) throws IOException {
        while (true) {
            SSLEngineResult result = engine.unwrap(netIn, target);
            if (state == State.OPEN) {
                obey(result.getHandshakeStatus());
            }
            if (result.getStatus() != Status.BUFFER_UNDERFLOW || !mayFill) {
                return result.getStatus();
            }
            int filled = fill();
            if (filled <= 0) {
                return filled == 0 ? Status.BUFFER_UNDERFLOW : Status.CLOSED;
            }
        }
    }

    private void obey(HandshakeStatus wish) throws SSLException {
        if (wish == HandshakeStatus.NEED_WRAP) {
            lower.requestWrite();
        } else if (wish == HandshakeStatus.NEED_TASK) {
            throw new SSLException("the server wants to renegotiate, which is refused");
        }
    }

    private int fill() throws IOException {
        netIn.compact();
        try {
            if (!netIn.hasRemaining()) {
                growNetIn();
            }
            return lower.read(netIn);
        } finally {
            netIn.flip();
        }
    }

    private void growNetIn() throws SSLException {
        if (netIn.capacity() >= MAX_NETWORK_BUFFER_BYTES) {
            throw new SSLException(netIn.capacity() + " bytes from the server and no end of a TLS record");
        }
        ByteBuffer larger = ByteBuffer.allocateDirect(
                Math.max(2 * netIn.capacity(), engine.getSession().getPacketBufferSize()));
        netIn = larger.put(netIn.flip());
    }

    @Override
    public boolean write(ByteBuffer source) throws IOException {
        if (!writing.compareAndSet(false, true)) {
            throw new ClosedChannelException();
        }
        try {
            boolean flushed = flush();
            while (flushed && (source.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP)) {
                encrypt(source);
                flushed = flush();
            }
            return flushed;
        } finally {
            writing.set(false);
        }
    }

    /** Encrypts as many records as fit into {@link #netOut}, which is empty; at least one. */
    private void encrypt(ByteBuffer source) throws IOException {
        netOut.clear();
        try {
            SSLEngineResult result = engine.wrap(source, netOut);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                netOut = ByteBuffer.allocateDirect(
                        Math.max(2 * netOut.capacity(), engine.getSession().getPacketBufferSize()));
                result = engine.wrap(source, netOut);
            }
            while (source.hasRemaining() && result.getStatus() == Status.OK && result.bytesProduced() > 0) {
                result = engine.wrap(source, netOut);
            }
            if (netOut.position() == 0) {
                throw new SSLException(
                        "TLS takes no more data: " + result.getStatus() + ", " + result.getHandshakeStatus());
            }
        } finally {
            netOut.flip();
        }
    }

    private boolean flush() throws IOException {
        return !netOut.hasRemaining() || lower.write(netOut);
    }

    @Override
    public void requestWrite() {
        lower.requestWrite();
    }

    /** Also says close_notify, if that can be done without waiting. */
    @Override
    public void close() {
        if (state != State.CLOSED) {
            leave(State.CLOSED);
            lower.close();
        }
    }

    private void leave(State next) {
        boolean engineAtHand = state == State.HANDSHAKING || state == State.OPEN;
        state = next;
        if (engineAtHand && writing.compareAndSet(false, true)) {
            sayLastWord();
        }
    }

    /** The alert that an error has left in the engine, or else close_notify. */
    private void sayLastWord() {
        try {
            if (flush()) {
                engine.closeOutbound();
                netOut.clear();
                while (!engine.isOutboundDone() && engine.wrap(NOTHING, netOut).bytesProduced() > 0) {}
                netOut.flip();
                flush();
            }
        } catch (IOException e) {
            // The server sees the end of the stream instead.
        }
    }
}
