package io.mallard.rpc;

import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How servers and frontends answer. */
final class Replies {
    private static final Logger LOG = LoggerFactory.getLogger("io.mallard.rpc");

    private Replies() {}

    /** What the other side is told of what was thrown here. */
    static RpcResponse to(Throwable thrown, String where) {
        if (thrown instanceof RpcException failure) {
            return RpcResponse.failed(failure.error());
        }
        if (thrown instanceof RpcFormatException) {
            LOG.error("unable to decode msg from nats: {}", thrown.getMessage());
            return RpcResponse.failed(RpcError.BAD_REQUEST, "unable to decode msg: " + thrown.getMessage());
        }
        LOG.error("Handler failed: {}", where, thrown);
        return RpcResponse.failed(
                RpcError.INTERNAL, thrown.getMessage() == null ? thrown.toString() : thrown.getMessage());
    }

    static void send(NatsMessage message, RpcResponse response) {
        send(message, response.encode());
    }

    static void send(NatsMessage message, byte[] answer) {
        if (trySend(message, answer) == NatsStatus.MAX_PAYLOAD) {
            String text = "the response has " + answer.length + " bytes, more than the server's max_payload";
            trySend(message, RpcResponse.failed(RpcError.INTERNAL, text).encode());
        }
    }

    /** CONTRACT S83, J22–J25. */
    private static NatsStatus trySend(NatsMessage message, byte[] answer) {
        if (message.reply() == null) {
            return NatsStatus.OK; // Whoever does not say where to wants nothing.
        }
        try {
            message.respond(answer);
            return NatsStatus.OK;
        } catch (NatsException e) {
            switch (e.status()) {
                case ILLEGAL_STATE -> LOG.warn("Failed to publish RPC response - lame duck mode active");
                case INSUFFICIENT_BUFFER ->
                    LOG.warn("Failed to publish RPC response - buffer full during lame duck mode");
                case TIMEOUT -> LOG.error("Failed to publish RPC response - timeout");
                default ->
                    LOG.error("Failed to publish RPC response: {}", e.status().text());
            }
            return e.status();
        }
    }
}
