package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/**
 * A proxy and whatever is behind it at once.
 *
 * <p>Threading: as {@link FarEnd}.
 */
final class ProxyFarEnd extends FarEnd {
    private final boolean socks;

    private ProxyFarEnd(Socket lower, boolean socks) {
        super(lower);
        this.socks = socks;
    }

    static ProxyFarEnd http(Socket lower) {
        return new ProxyFarEnd(lower, false);
    }

    static ProxyFarEnd socks(Socket lower) {
        return new ProxyFarEnd(lower, true);
    }

    @Override
    void open(InputStream in, OutputStream out) throws IOException {
        if (socks) {
            openSocks(new DataInputStream(in), out);
        } else {
            require(head(in).startsWith("CONNECT behind.invalid:4222 HTTP/1.1\r\n"), "CONNECT");
            out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(US_ASCII));
        }
    }

    private static void openSocks(DataInputStream in, OutputStream out) throws IOException {
        require(in.readByte() == 5, "version");
        require(in.readNBytes(in.readByte()).length > 0, "methods");
        out.write(new byte[] {5, 0});
        require(in.readInt() == 0x05010003, "connect to a name");
        require("behind.invalid".equals(new String(in.readNBytes(in.readByte()), US_ASCII)), "name");
        require(in.readShort() == 4222, "port");
        out.write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 0});
    }

    private static void require(boolean is, String what) throws IOException {
        if (!is) {
            throw new IOException("not asked for as it should be: " + what);
        }
    }
}
