package io.mallard;

/** Which message is dropped when a subscription's messages wait for a handler that is too slow. */
public enum PendingPolicy {
    /** The one that has just come: what waits already is handled, in order and without a gap. */
    DROP_NEW,
    /** Those that have waited longest, as many as it takes: what is handled is as fresh as possible. */
    DROP_OLD
}
