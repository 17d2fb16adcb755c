package io.mallard.rpc;

/** Bytes that are not the message they should be: what was wrong, and where. */
final class RpcFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RpcFormatException(String message) {
        super(message);
    }
}
