package io.mallard;

/** What becomes of publishes that were sent when their connection is lost, and that nobody knows the fate of (CONTRACT D2). */
public enum PublishReliability {
    /** They are counted, and told of as in doubt: none arrives twice. Costs nothing. */
    AT_MOST_ONCE,
    /**
     * They are kept until the server has answered that it has processed them and lived on, and are published again, in
     * their order and before all later ones, on the next connection: none is lost while the client lives, and some may
     * arrive twice. Costs a copy of each, and {@link ConnectionOptions#maxRetainedBytes()}.
     */
    AT_LEAST_ONCE
}
