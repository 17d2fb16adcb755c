package io.mallard.it.load;

/**
 * Where a client under test is to go when its server leaves.
 *
 * <p>Threading: immutable.
 *
 * @param standbys how many connections it keeps for that. With none it makes one when it needs it, and its traffic waits in buffers
 *     until then, as in the document that Mallard is made to
 */
public record HotSwap(boolean enabled, int standbys) {
    /** It waits to be thrown out. */
    public static final HotSwap OFF = new HotSwap(false, 0);

    public static final HotSwap ON_DEMAND = new HotSwap(true, 0);
    public static final HotSwap STANDBY = new HotSwap(true, 1);

    public static final int MAX_STANDBYS = 2;

    /** Whether traffic waits in buffers until there is a connection to another server. */
    public boolean isOnDemand() {
        return enabled && standbys == 0;
    }

    /** Whether it is connected to a second server before it needs it. */
    public boolean keepsStandby() {
        return enabled && standbys > 0;
    }
}
