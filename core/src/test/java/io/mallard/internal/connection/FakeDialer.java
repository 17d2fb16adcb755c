package io.mallard.internal.connection;

import io.mallard.internal.server.ServerAddress;
import java.util.ArrayList;
import java.util.List;

/** A network whose servers answer when a test says so. */
public final class FakeDialer implements Dialer {
    private final List<ServerAddress> dialled = new ArrayList<>();
    private ServerAddress current;
    private Caller caller;
    private long deadlineNs;
    private boolean cancelled;

    @Override
    public Attempt dial(ServerAddress address, long untilNs, Caller whoAsks) {
        if (caller != null) {
            throw new IllegalStateException("two attempts at a time: " + current + " and " + address);
        }
        dialled.add(address);
        current = address;
        deadlineNs = untilNs;
        caller = whoAsks;
        return new Attempt() {
            @Override
            public long onTick(long nowNs) {
                if (deadlineNs - nowNs <= 0) {
                    fails("timed out");
                }
                return deadlineNs - nowNs;
            }

            @Override
            public void cancel() {
                caller = null;
                cancelled = true;
            }
        };
    }

    /** The addresses tried since the last call. */
    public List<ServerAddress> takeDialled() {
        List<ServerAddress> taken = List.copyOf(dialled);
        dialled.clear();
        return taken;
    }

    public boolean isCancelled() {
        return cancelled;
    }

    public boolean isDialling() {
        return caller != null;
    }

    /** The attempt under way fails: the server is not reached. */
    public void fails(String why) {
        fails(why, false);
    }

    /** The attempt under way fails: the server refuses the credentials. */
    public void refuses(String words) {
        Caller told = caller;
        caller = null;
        told.onFailed(CredentialsRefusedException.duringHandshake(words), true);
    }

    /** The attempt under way fails after the server was reached. */
    public void failsConnected(String why) {
        fails(why, true);
    }

    private void fails(String why, boolean connected) {
        Caller told = caller;
        caller = null;
        told.onFailed(new IllegalStateException(why), connected);
    }

    /** The attempt under way succeeds: the server of that id takes the connection. */
    public FakePeer connects(String serverId) {
        FakePeer peer = FakePeer.ready(serverId, current, new RecordingOwner());
        connects(peer);
        return peer;
    }

    /** The attempt under way succeeds with this connection. */
    public void connects(FakePeer peer) {
        Caller told = caller;
        caller = null;
        told.onReady(peer.connection());
    }
}
