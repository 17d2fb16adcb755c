package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Asks an HTTP proxy for a tunnel (RFC 9110, 9.3.6). The name of the host is the proxy's to look up.
 *
 * <p>Threading: owned by the event loop.
 */
public final class HttpConnectOpening implements Opening {
    private static final int CREDENTIALS_WANTED = 407;
    private static final byte[] NOTHING = new byte[0];

    private final String hostAndPort;
    private final @Nullable String user;
    private final @Nullable String password;
    private boolean over;

    /**
     * @param hostAndPort where to
     * @param user for the proxy; null for none
     * @param password of the user; null for an empty one
     * @throws IllegalArgumentException if the user has a colon (RFC 7617)
     */
    public HttpConnectOpening(String hostAndPort, @Nullable String user, @Nullable String password) {
        if (user != null && user.contains(":")) {
            throw new IllegalArgumentException("the user for an HTTP proxy has a colon, which ends it");
        }
        this.hostAndPort = hostAndPort;
        this.user = user;
        this.password = password;
    }

    // CONNECT <host>:<port> HTTP/1.1␍␊Host: <host>:<port>␍␊[Proxy-Authorization: Basic <user:password>␍␊]␍␊
    @Override
    public byte[] begin() {
        return ("CONNECT " + hostAndPort + " HTTP/1.1\r\nHost: " + hostAndPort + "\r\n" + authorization() + "\r\n")
                .getBytes(UTF_8);
    }

    private String authorization() {
        if (user == null) {
            return "";
        }
        byte[] credentials = (user + ":" + (password == null ? "" : password)).getBytes(UTF_8);
        return "Proxy-Authorization: Basic " + Base64.getEncoder().encodeToString(credentials) + "\r\n";
    }

    @Override
    public byte[] answer(ByteBuffer heard) throws IOException {
        HttpHead head = HttpHead.read(heard);
        if (head != null) {
            require(head);
            over = true;
        }
        return NOTHING;
    }

    private void require(HttpHead head) throws IOException {
        if (head.status() == CREDENTIALS_WANTED) {
            throw new IOException((user == null
                            ? "it wants user and password, which its URL has not"
                            : "it refuses user and password")
                    + ": \"" + head.statusLine() + "\"");
        }
        if (head.status() / 100 != 2) {
            throw new IOException("it does not connect to " + hostAndPort + ": \"" + head.statusLine() + "\"");
        }
    }

    @Override
    public boolean isOver() {
        return over;
    }
}
