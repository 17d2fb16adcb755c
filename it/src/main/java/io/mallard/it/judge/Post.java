package io.mallard.it.judge;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A responder or receiver that belongs to one node. It moves by holding two sockets for a while, so that it misses nothing itself.
 *
 * <p>Threading: controlled by one thread.
 */
final class Post {
    /** A socket on the server of this URL, subscribed. */
    @FunctionalInterface
    interface Opener {
        JudgeSocket open(String url);
    }

    private final Opener opener;
    private JudgeSocket socket;
    private @Nullable JudgeSocket next;

    Post(Opener opener, String url) {
        this.opener = opener;
        this.socket = opener.open(url);
    }

    void awaitInterest(List<String> urls) throws InterruptedException {
        socket.awaitInterest(urls);
    }

    /** Opens the second socket and returns when all these servers know of it. */
    void reachOut(String url, List<String> urls) throws InterruptedException {
        JudgeSocket opened = opener.open(url);
        next = opened;
        opened.awaitInterest(urls);
    }

    /** Leaves the first socket for the second. */
    void step() {
        JudgeSocket opened = next;
        if (opened == null) {
            throw new IllegalStateException("step without reachOut");
        }
        socket.leave();
        socket = opened;
        next = null;
    }

    void abandon() {
        socket.abandon();
        if (next != null) {
            next.abandon();
        }
    }
}
