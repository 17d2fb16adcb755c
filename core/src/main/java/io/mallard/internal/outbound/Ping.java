package io.mallard.internal.outbound;

/**
 * Somebody who waits for the PONG of one PING.
 *
 * <p>Threading: both methods are called on the event loop, one of them, once.
 */
public abstract class Ping {
    /** Publishes encoded before this PING: in its batch while it is buffered, of its connection once taken. */
    long publishesBefore;
    /** When it was taken to be written. */
    long takenNs;

    /** The server has processed everything that was written before the PING. */
    public abstract void onPong();

    /** The connection died after the PING was written. A PING not yet written moves to the next connection instead. */
    public abstract void onLost();
}
