package io.mallard.it.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A proxy that is asked with CONNECT (RFC 9110, 9.3.6).
 *
 * <p>Threading: as {@link TunnelProxy}.
 */
public final class HttpProxy extends TunnelProxy {
    private static final Pattern CONNECT =
            Pattern.compile("CONNECT (\\S+):(\\d+) HTTP/1\\.1\r\n(.*\r\n)?\r\n", Pattern.DOTALL);
    private static final Pattern CREDENTIALS = Pattern.compile("\r\nProxy-Authorization: Basic (\\S+)\r\n");

    private HttpProxy(@Nullable User user) {
        super(user);
    }

    /** For anybody. */
    public static HttpProxy open() {
        return new HttpProxy(null);
    }

    /** For one user. */
    public static HttpProxy open(String name, String password) {
        return new HttpProxy(new User(name, password));
    }

    @Override
    String scheme() {
        return "http";
    }

    @Override
    @Nullable
    Target hear(DataInputStream in, OutputStream out) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        Matcher request = CONNECT.matcher(head);
        if (!request.matches()) {
            refuse(out, 400);
            return null;
        }
        if (!isAllowed(head)) {
            refuse(out, 407);
            return null;
        }
        return new Target(request.group(1), Integer.parseInt(request.group(2)));
    }

    private boolean isAllowed(CharSequence head) {
        User user = user();
        Matcher credentials = CREDENTIALS.matcher(head);
        return user == null
                || (credentials.find()
                        && new String(Base64.getDecoder().decode(credentials.group(1)), UTF_8)
                                .equals(user.name() + ":" + user.password()));
    }

    @Override
    void grant(OutputStream out) throws IOException {
        out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(ISO_8859_1));
    }

    @Override
    void refuse(OutputStream out, int code) throws IOException {
        String challenge = code == 407 ? "Proxy-Authenticate: Basic realm=\"pond\"\r\n" : "";
        out.write(("HTTP/1.1 " + code + " Refused\r\n" + challenge + "Content-Length: 0\r\n\r\n").getBytes(ISO_8859_1));
    }

    @Override
    int unreachable() {
        return 502;
    }
}
