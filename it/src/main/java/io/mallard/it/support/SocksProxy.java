package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A SOCKS proxy (RFC 1928), with user and password if it is for somebody (RFC 1929).
 *
 * <p>Threading: as {@link TunnelProxy}.
 */
public final class SocksProxy extends TunnelProxy {
    private static final byte VERSION = 5;
    private static final byte USER_AND_PASSWORD = 2;
    private static final byte NO_METHOD = (byte) 0xff;

    private SocksProxy(@Nullable User user) {
        super(user);
    }

    /** For anybody. */
    public static SocksProxy open() {
        return new SocksProxy(null);
    }

    /** For one user. */
    public static SocksProxy open(String name, String password) {
        return new SocksProxy(new User(name, password));
    }

    @Override
    String scheme() {
        return "socks5";
    }

    @Override
    @Nullable
    Target hear(DataInputStream in, OutputStream out) throws IOException {
        require(in.readByte() == VERSION, "version");
        byte method = user() == null ? 0 : USER_AND_PASSWORD;
        boolean offered = false;
        for (byte each : in.readNBytes(in.readUnsignedByte())) {
            offered |= each == method;
        }
        out.write(new byte[] {VERSION, offered ? method : NO_METHOD});
        if (!offered || (user() != null && !isAllowed(in, out))) {
            return null;
        }
        require(in.readByte() == VERSION && in.readByte() == 1 && in.readByte() == 0, "request to connect");
        return new Target(host(in), in.readUnsignedShort());
    }

    private boolean isAllowed(DataInputStream in, OutputStream out) throws IOException {
        require(in.readByte() == 1, "version of user and password");
        User given = new User(text(in), text(in));
        boolean allowed = given.equals(user());
        out.write(new byte[] {1, (byte) (allowed ? 0 : 1)});
        return allowed;
    }

    private static String host(DataInputStream in) throws IOException {
        return switch (in.readByte()) {
            case 1 -> InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
            case 3 -> text(in);
            case 4 -> "[" + InetAddress.getByAddress(in.readNBytes(16)).getHostAddress() + "]";
            default -> throw new IOException("a type of address that is none");
        };
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readUnsignedByte()), UTF_8);
    }

    private static void require(boolean is, String what) throws IOException {
        if (!is) {
            throw new IOException("not what SOCKS says: " + what);
        }
    }

    @Override
    void grant(OutputStream out) throws IOException {
        refuse(out, 0);
    }

    /** Grants with 0. */
    @Override
    void refuse(OutputStream out, int code) throws IOException {
        out.write(new byte[] {VERSION, (byte) code, 0, 1, 127, 0, 0, 1, 0, 0});
    }

    @Override
    int unreachable() {
        return 5;
    }
}
