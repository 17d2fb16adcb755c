package io.mallard.protocol.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A non-blocking byte stream to one server: what a connection knows of a socket, and the seam where faults are injected.
 *
 * <p>Threading: {@link #read} and {@link #close} on the event loop; {@link #write} by whoever holds the connection's
 * write token, which need not be the loop; {@link #requestWrite} from any thread. {@link Events} come on the loop.
 */
public interface Transport {
    /** What a transport tells its owner. */
    interface Events {
        /** Bytes can be exchanged: the socket is connected, and whatever handshake comes before the first byte is done. */
        void onConnected();

        /**
         * {@link Transport#read} has something, or the end of the stream. Comes again as long as a read leaves
         * something behind.
         */
        void onReadable();

        /**
         * A short write can go on, or the transport has something of its own to say: call {@link Transport#write},
         * with an empty buffer if there is nothing new.
         */
        void onWritable();

        /** The stream is broken; nothing else comes from it. The owner closes the transport. */
        void onFailed(IOException cause);
    }

    /**
     * Reads what is there.
     *
     * @return the number of bytes put into {@code target}, 0 when there are none now, -1 at the end of the stream
     */
    int read(ByteBuffer target) throws IOException;

    /**
     * Takes bytes from {@code source} as far as the stream has room. Bytes taken are never handed back.
     *
     * @return whether everything, of this call and of earlier ones, has reached the socket; if not, the caller asks
     *     with {@link #requestWrite} to be told when to go on
     */
    boolean write(ByteBuffer source) throws IOException;

    /** Asks for {@link Events#onWritable} as soon as the socket has room. */
    void requestWrite();

    /** Hands the events to another owner: a layer that is put between, such as TLS after INFO. On the loop. */
    void events(Events newOwner);

    /** Closes the socket; no event comes afterwards. Idempotent. */
    void close();
}
