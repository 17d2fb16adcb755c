package io.mallard.internal.outbound;

import org.jspecify.annotations.Nullable;

/**
 * A request as the buffers know it: the owner of one REQUEST command at a time, told where that command is.
 *
 * <p>Threading: the events come under the lock of the buffer that has the command; they may take note, and no more.
 */
public interface OutboundRequest {
    /** As they go out, each time it is sent; null for none. */
    default byte @Nullable [] headers() {
        return null;
    }

    /** From then on the command is not worth its bytes. */
    long deadlineNs();

    /** Whether somebody still waits for the reply: a command nobody wants is never sent. */
    boolean isWanted(long nowNs);

    /** The command waits in that buffer: no server has seen it, or not enough of it to execute it. */
    void onBuffered(OutboundBuffer buffer);

    /** The command is about to be written. Whether it is wanted is asked after this. */
    void onTaken();

    /** The command was dropped, unwritten, because nobody wants it any more. */
    void onDropped();
}
