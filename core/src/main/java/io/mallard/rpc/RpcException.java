package io.mallard.rpc;

import org.jspecify.annotations.Nullable;

/** A call has failed, at either end or on the way: {@link #error()} says why. */
public final class RpcException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final RpcError error;

    /**
     * A failure that has no cause but itself; a handler throws it to tell its caller.
     *
     * @param error why
     */
    public RpcException(RpcError error) {
        this(error, null);
    }

    RpcException(RpcError error, @Nullable Throwable cause) {
        super(error.code() + ": " + error.message(), cause);
        this.error = error;
    }

    /**
     * Why.
     *
     * @return as it is on the wire, or would be
     */
    public RpcError error() {
        return error;
    }

    /**
     * Whether the same call may succeed when it is made again without any change, after a pause: PIT-503 and PIT-504. Whether it was
     * executed is another question: of a failure on the way out, {@link io.mallard.NatsException#isNeverSent()} of the {@link #getCause cause} knows.
     *
     * @return true for those two codes
     */
    public boolean retryable() {
        return error.code().equals(RpcError.UNAVAILABLE) || error.code().equals(RpcError.TIMEOUT);
    }
}
