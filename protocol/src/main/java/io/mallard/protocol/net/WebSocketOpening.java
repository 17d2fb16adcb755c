package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * Asks a web server for a WebSocket (RFC 6455, 4.1). No extension is offered, so that none, such as compression, may be used.
 *
 * <p>Threading: owned by the event loop.
 */
public final class WebSocketOpening implements Opening {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;
    private static final byte[] NOTHING = new byte[0];

    private final String host;
    private final String path;
    private final String key;
    private boolean over;

    /**
     * @param host with its port, unless that is the one that is implied (RFC 6455, 4.1)
     * @param path with a slash in front; empty for the root
     * @param random of the key
     */
    public WebSocketOpening(String host, String path, RandomGenerator random) {
        this.host = host;
        this.path = path;
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        this.key = Base64.getEncoder().encodeToString(bytes);
    }

    @Override
    public byte[] begin() {
        return ("GET " + (path.isEmpty() ? "/" : path) + " HTTP/1.1\r\nHost: " + host
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key
                        + "\r\nSec-WebSocket-Version: 13\r\n\r\n")
                .getBytes(UTF_8);
    }

    @Override
    public byte[] answer(ByteBuffer heard) throws IOException {
        HttpHead head;
        try {
            head = HttpHead.read(heard);
            if (head != null) {
                require(head);
                over = true;
            }
        } catch (IOException e) {
            throw new IOException("no WebSocket: " + e.getMessage(), e);
        }
        return NOTHING;
    }

    private void require(HttpHead head) throws IOException {
        if (head.status() / 100 == 3) {
            throw new IOException("the server answers \"" + head.statusLine() + "\", and wants the client to go to \""
                    + Excerpt.of(head.header("Location")) + "\", which it does not; name that in the URL");
        }
        if (head.status() != 101) {
            throw new IOException("the server answers \"" + head.statusLine() + "\"");
        }
        requireToken(head, "Upgrade", "websocket");
        requireToken(head, "Connection", "upgrade");
        requireNone(head, "Sec-WebSocket-Extensions");
        requireNone(head, "Sec-WebSocket-Protocol");
        String accept = head.header("Sec-WebSocket-Accept");
        if (!accept.equals(acceptFor(key))) {
            throw new IOException("Sec-WebSocket-Accept \"" + Excerpt.of(accept)
                    + "\" does not answer this request; is there a cache in between?");
        }
    }

    private static void requireToken(HttpHead head, String name, String token) throws IOException {
        for (String each : head.header(name).split(",", -1)) {
            if (each.strip().equalsIgnoreCase(token)) {
                return;
            }
        }
        throw new IOException(name + " is \"" + Excerpt.of(head.header(name)) + "\" instead of \"" + token + "\"");
    }

    private static void requireNone(HttpHead head, String name) throws IOException {
        if (!head.header(name).isEmpty()) {
            throw new IOException(name + " is \"" + Excerpt.of(head.header(name)) + "\", which nobody has asked for");
        }
    }

    static String acceptFor(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    @Override
    public boolean isOver() {
        return over;
    }
}
