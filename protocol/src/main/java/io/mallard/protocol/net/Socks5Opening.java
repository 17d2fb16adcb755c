package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks a SOCKS proxy for a connection (RFC 1928, RFC 1929). The name of the host is the proxy's to look up.
 *
 * <p>Threading: owned by the event loop.
 */
public final class Socks5Opening implements Opening {
    private enum State {
        METHOD,
        AUTHENTICATION,
        CONNECTION,
        OVER
    }

    private static final byte VERSION = 5;
    private static final byte AUTHENTICATION_VERSION = 1;
    private static final byte NO_AUTHENTICATION = 0;
    private static final byte USER_AND_PASSWORD = 2;
    private static final byte NO_METHOD = (byte) 0xff;
    private static final byte CONNECT = 1;
    private static final byte IPV4 = 1;
    private static final byte NAME = 3;
    private static final byte IPV6 = 4;
    private static final int MAX_TEXT_BYTES = 255;
    private static final Pattern IPV4_LITERAL = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    private static final byte[] NOTHING = new byte[0];

    private static final String[] FAILURES = {
        "",
        "general failure",
        "not allowed by its rules",
        "network unreachable",
        "host unreachable",
        "connection refused",
        "TTL expired",
        "command not supported",
        "address type not supported"
    };

    private final String host;
    private final int port;
    private final byte @Nullable [] user;
    private final byte[] password;
    private State state = State.METHOD;

    /**
     * @param host where to
     * @param port where to
     * @param user for the proxy; null for none
     * @param password of the user
     * @throws IllegalArgumentException if user or password are shorter or longer than the protocol allows
     */
    public Socks5Opening(String host, int port, @Nullable String user, @Nullable String password) {
        if (user != null && (user.isEmpty() || password == null || password.isEmpty())) {
            throw new IllegalArgumentException("a SOCKS proxy takes a user with a password, or neither");
        }
        this.host = host;
        this.port = port;
        this.user = user == null ? null : bytes("user", user);
        this.password = bytes("password", password == null ? "" : password);
    }

    private static byte[] bytes(String what, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException(what + tooLong(bytes));
        }
        return bytes;
    }

    private static String tooLong(byte[] bytes) {
        return " for the SOCKS proxy has " + bytes.length + " bytes, must be <= " + MAX_TEXT_BYTES;
    }

    // 05 | number of methods | methods
    @Override
    public byte[] begin() {
        return user == null
                ? new byte[] {VERSION, 1, NO_AUTHENTICATION}
                : new byte[] {VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD};
    }

    @Override
    public byte[] answer(ByteBuffer heard) throws IOException {
        return switch (state) {
            case METHOD -> heard.remaining() < 2 ? NOTHING : onMethod(heard);
            case AUTHENTICATION -> heard.remaining() < 2 ? NOTHING : onAuthentication(heard);
            case CONNECTION -> onConnection(heard);
            case OVER -> throw new IllegalStateException("answer in state " + state);
        };
    }

    // 05 | method
    private byte[] onMethod(ByteBuffer heard) throws IOException {
        requireVersion(heard.get(), VERSION);
        byte method = heard.get();
        if (method == NO_AUTHENTICATION) {
            return connect();
        }
        if (method == USER_AND_PASSWORD && user != null) {
            return authenticate(user);
        }
        throw new IOException(
                method != NO_METHOD
                        ? "it wants authentication method " + (method & 0xff) + ", which was not offered"
                        : user == null
                                ? "it wants user and password, which its URL has not"
                                : "it takes no user and password");
    }

    // 01 | length | user | length | password
    private byte[] authenticate(byte[] name) {
        state = State.AUTHENTICATION;
        return ByteBuffer.allocate(3 + name.length + password.length)
                .put(AUTHENTICATION_VERSION)
                .put((byte) name.length)
                .put(name)
                .put((byte) password.length)
                .put(password)
                .array();
    }

    // 01 | 00 for yes
    private byte[] onAuthentication(ByteBuffer heard) throws IOException {
        requireVersion(heard.get(), AUTHENTICATION_VERSION);
        if (heard.get() != 0) {
            throw new IOException("it refuses user and password");
        }
        return connect();
    }

    // 05 | 01 | 00 | type | address | port
    private byte[] connect() throws IOException {
        state = State.CONNECTION;
        byte[] address = address();
        return ByteBuffer.allocate(5 + address.length)
                .put(VERSION)
                .put(CONNECT)
                .put((byte) 0)
                .put(address)
                .putShort((short) port)
                .array();
    }

    // 01 | 4 bytes, or 04 | 16 bytes, or 03 | length | name
    private byte[] address() throws IOException {
        if (host.contains(":") && !host.contains("%")) {
            byte[] ip = InetAddress.getByName("[" + host + "]").getAddress(); // No name is looked up in brackets.
            return ByteBuffer.allocate(1 + ip.length)
                    .put(ip.length == 4 ? IPV4 : IPV6)
                    .put(ip)
                    .array();
        }
        if (IPV4_LITERAL.matcher(host).matches()) {
            ByteBuffer ip = ByteBuffer.allocate(5).put(IPV4);
            for (String number : host.split("\\.", -1)) {
                ip.put((byte) Integer.parseInt(number));
            }
            return ip.array();
        }
        byte[] name = host.getBytes(UTF_8);
        if (name.length > MAX_TEXT_BYTES) {
            throw new IOException("host" + tooLong(name));
        }
        return ByteBuffer.allocate(2 + name.length)
                .put(NAME)
                .put((byte) name.length)
                .put(name)
                .array();
    }

    // 05 | 00 for yes | 00 | type | address | port, which say from where the proxy has connected: nobody needs to know
    private byte[] onConnection(ByteBuffer heard) throws IOException {
        int at = heard.position();
        if (heard.remaining() >= 2) {
            requireVersion(heard.get(at), VERSION);
            requireSuccess(heard.get(at + 1) & 0xff);
        }
        if (heard.remaining() >= 5) {
            int length = 4 + addressBytes(heard.get(at + 3), heard.get(at + 4) & 0xff) + 2;
            if (heard.remaining() >= length) {
                heard.position(at + length);
                state = State.OVER;
            }
        }
        return NOTHING;
    }

    private void requireSuccess(int failure) throws IOException {
        if (failure != 0) {
            throw new IOException("it does not connect to " + host + ":" + port + ": "
                    + (failure < FAILURES.length ? FAILURES[failure] : "failure " + failure));
        }
    }

    private static int addressBytes(byte type, int nameBytes) throws IOException {
        return switch (type) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> 1 + nameBytes;
            default -> throw new IOException("it names an address of type " + (type & 0xff));
        };
    }

    private static void requireVersion(byte is, byte must) throws IOException {
        if (is != must) {
            throw new IOException("that is no SOCKS proxy: version " + (is & 0xff) + " instead of " + must);
        }
    }

    @Override
    public boolean isOver() {
        return state == State.OVER;
    }
}
