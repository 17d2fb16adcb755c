package io.mallard;

import java.util.Objects;

/**
 * What the client may do while its server is in lame duck mode.
 *
 * @param primaryPolicy whether the leaving server is used until another connection is ready
 * @param subscribe whether new subscriptions are possible
 */
public record LameDuckOptions(LameDuckPrimaryPolicy primaryPolicy, LameDuckSubscribe subscribe) {
    /** Everything goes on. */
    public static final LameDuckOptions DEFAULTS =
            new LameDuckOptions(LameDuckPrimaryPolicy.SERVE_UNTIL_SWAP, LameDuckSubscribe.HOT_SWAP);

    /** Refuses null. */
    public LameDuckOptions {
        Objects.requireNonNull(primaryPolicy, "lameDuckPrimaryPolicy");
        Objects.requireNonNull(subscribe, "lameDuckSubscribe");
    }
}
