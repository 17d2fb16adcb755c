package io.mallard.internal.rehearsal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.mallard.protocol.net.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;

/**
 * A server that exists in memory, seen from its only connection. It knows as much of the protocol as a rehearsal needs: it
 * answers PINGs, hands what is published to whoever routes it, and delivers what it is told to.
 *
 * <p>Threading: owned by the event loop, except {@link #write}, which is the writers', one at a time.
 */
final class ImaginedServer implements Transport {

    private record Interest(String subject, String sid) {
        boolean isIn(String published) {
            return subject.endsWith("*")
                    ? published.startsWith(subject.substring(0, subject.length() - 1))
                    : published.equals(subject);
        }
    }

    private final String id;
    private final Executor loop;
    private Transport.Events client;
    private final BiConsumer<String, String> routes;
    private final List<Interest> interests = new ArrayList<>();
    private final StringBuilder unread = new StringBuilder();
    private boolean closed;

    /** {@code routes} takes subject and payload of what is published. */
    ImaginedServer(String id, Executor loop, Transport.Events client, BiConsumer<String, String> routes) {
        this.id = id;
        this.loop = loop;
        this.client = client;
        this.routes = routes;
        loop.execute(() -> {
            client.onConnected();
            say(info(""));
        });
    }

    void enterLameDuckMode() {
        say(info(", \"ldm\": true"));
    }

    private String info(String more) {
        return "INFO {\"server_id\": \"" + id + "\", \"headers\": true, \"max_payload\": " + ImaginedCluster.MAX_PAYLOAD
                + more + "}\r\n";
    }

    private void say(String words) {
        if (!closed) {
            unread.append(words);
            client.onReadable();
        }
    }

    void deliver(String subject, String payload) {
        for (Interest interest : interests) {
            if (interest.isIn(subject)) {
                say("MSG " + subject + " " + interest.sid() + " " + payload.length() + "\r\n" + payload + "\r\n");
            }
        }
    }

    @Override
    public int read(ByteBuffer target) {
        int bytes = Math.min(target.remaining(), unread.length());
        target.put(unread.substring(0, bytes).getBytes(ISO_8859_1));
        unread.delete(0, bytes);
        return bytes;
    }

    @Override
    public boolean write(ByteBuffer source) {
        String commands = ISO_8859_1.decode(source).toString(); // Whole ones, as everything is taken at once.
        onLoop(() -> process(commands));
        return true;
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The rehearsal is over.
        }
    }

    private void process(String commands) {
        String[] lines = commands.split("\r\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String[] words = lines[i].split(" ", -1);
            switch (words[0]) {
                case "PING" -> say("PONG\r\n");
                case "SUB" -> interests.add(new Interest(words[1], words[words.length - 1]));
                case "PUB" -> routes.accept(words[1], lines[++i]);
                default -> {} // CONNECT, UNSUB, PONG
            }
        }
    }

    @Override
    public void requestWrite() {
        onLoop(client::onWritable);
    }

    @Override
    public void events(Events newOwner) {
        client = newOwner;
    }

    @Override
    public void close() {
        closed = true;
    }
}
