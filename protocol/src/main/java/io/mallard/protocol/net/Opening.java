package io.mallard.protocol.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What two sides say to each other, in turns, before a stream belongs to its owner: to a proxy, or to a web server.
 *
 * <p>Threading: owned by the event loop.
 */
public interface Opening {
    /** What this side begins with. */
    byte[] begin();

    /**
     * Takes what the other side has said, as far as it is understood; the rest comes again, with more.
     *
     * @return what to say to that, perhaps nothing
     * @throws IOException when the other side refuses, or is not what it should be
     */
    byte[] answer(ByteBuffer heard) throws IOException;

    /** Whether everything is said: what else was heard is the owner's. */
    boolean isOver();
}
