package io.mallard.protocol.net;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;

/**
 * The server's side of a connection on which something is said before the stream begins. It is said when the stream is asked
 * for, as sockets do that speak TLS.
 *
 * <p>Threading: used by one thread; closed by any.
 */
abstract class FarEnd extends Socket {
    private static final int MAX_HEAD_BYTES = 4096;

    final Socket lower;
    private boolean open;
    // Set when open.
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();

    FarEnd(Socket lower) {
        this.lower = lower;
    }

    /** Says what is said before. */
    abstract void open(InputStream in, OutputStream out) throws IOException;

    /** What is read once that is said, from what is below. */
    InputStream reading(InputStream below) {
        return below;
    }

    /** Where it is written. */
    OutputStream writing(OutputStream below) {
        return below;
    }

    private void open() throws IOException {
        if (!open) {
            open = true;
            InputStream below = new BufferedInputStream(lower.getInputStream());
            open(below, lower.getOutputStream());
            in = reading(below);
            out = writing(lower.getOutputStream());
        }
    }

    /** A head of HTTP, to the empty line. */
    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0 || head.length() == MAX_HEAD_BYTES) {
                throw new IOException("no head: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        open();
        return in;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        open();
        return out;
    }

    @Override
    public synchronized void setSoTimeout(int timeoutMs) throws SocketException {
        lower.setSoTimeout(timeoutMs);
    }

    @Override
    public synchronized void close() throws IOException {
        lower.close();
    }
}
