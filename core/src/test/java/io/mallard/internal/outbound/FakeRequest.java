package io.mallard.internal.outbound;

/** A request that knows nothing but what it is told, and is wanted until its deadline or for as long as a test says. */
public final class FakeRequest implements OutboundRequest {
    private final long deadlineNs;
    private boolean ended;
    private OutboundBuffer buffer;
    private boolean taken;

    public FakeRequest(long deadlineNs) {
        this.deadlineNs = deadlineNs;
    }

    void end() {
        ended = true;
    }

    OutboundBuffer buffer() {
        return buffer;
    }

    boolean isTaken() {
        return taken;
    }

    @Override
    public long deadlineNs() {
        return deadlineNs;
    }

    @Override
    public boolean isWanted(long nowNs) {
        return !ended && deadlineNs - nowNs > 0;
    }

    @Override
    public void onBuffered(OutboundBuffer by) {
        buffer = by;
        taken = false;
    }

    @Override
    public void onTaken() {
        taken = true;
    }

    @Override
    public void onDropped() {
        taken = false;
    }
}
