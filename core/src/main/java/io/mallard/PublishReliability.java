package io.mallard;

/** What becomes of publishes that were sent when their connection is lost, and that nobody knows the fate of (CONTRACT D2). */
public enum PublishReliability {
    /** They are counted, and told of as in doubt: none arrives twice. Costs nothing. */
    AT_MOST_ONCE,
    /**
     * They are kept until the server has answered that it has processed them and lived on, and are published again, in
     * their order, on the next connection: some may arrive twice. In doubt remain those for which a server seems to have
     * closed the connection, because they would end the next one as well, and those that the end of the client leaves.
     * Costs a copy of each, and {@link ConnectionOptions#maxRetainedBytes()}.
     */
    AT_LEAST_ONCE
}
