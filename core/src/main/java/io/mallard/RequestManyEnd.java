package io.mallard;

/** Why a request for several replies has ended. */
public enum RequestManyEnd {
    /** As many have come as were wanted. */
    MAX_REPLIES,
    /** The one came that says that it was the last. */
    SENTINEL,
    /** Whoever took them has had enough. */
    STOPPED,
    /** After some none has come for a while. */
    STALLED,
    /** The time is up, whatever has come until then. */
    TIMED_OUT
}
