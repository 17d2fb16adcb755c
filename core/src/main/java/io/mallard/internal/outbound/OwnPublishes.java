package io.mallard.internal.outbound;

import io.mallard.internal.ContentHash;
import io.mallard.protocol.wire.MessageView;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a client that wants no echo publishes while it is on two servers: each keeps from a connection what came through
 * that connection, and neither knows of the other one. What comes back is recognised by its content.
 *
 * <p>Threading: any thread; the lock is never held during anything else.
 */
public final class OwnPublishes {
    /** More than that in a second or so is more than this keeps in mind: the rest comes back. */
    private static final int MAX = 1 << 18;

    /** One way a message can come back: each brings it once. */
    private record Way(Object connection, long sid, long hash) {}

    private final ContentHash contentHash;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Map<Long, Integer> published = new HashMap<>();
    private final Map<Way, Integer> returned = new HashMap<>();

    public OwnPublishes(ContentHash contentHash) {
        this.contentHash = contentHash;
    }

    void onPublish(String subject, @Nullable String reply, byte @Nullable [] headers, ByteBuffer payload) {
        long hash = contentHash.of(subject, reply, headers, payload);
        lock.lock();
        try {
            if (published.size() < MAX || published.containsKey(hash)) {
                published.merge(hash, 1, Integer::sum);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether a message is one of them, that comes back. */
    public boolean isReturn(Object connection, MessageView message) {
        long hash = contentHash.of(message);
        lock.lock();
        try {
            Integer times = published.get(hash);
            if (times == null) {
                return false;
            }
            Way way = new Way(connection, message.sid(), hash);
            int before = returned.getOrDefault(way, 0);
            if (before < times) {
                returned.put(way, before + 1);
            }
            return before < times;
        } finally {
            lock.unlock();
        }
    }
}
