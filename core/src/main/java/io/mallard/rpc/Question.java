package io.mallard.rpc;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.NatsStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What is asked over NATS, and what its outcome means.
 *
 * @param subject where to
 * @param payload what
 * @param answered what an answer means; throws an {@link RpcException} if it is that of a failure
 * @param unanswered what it means that there is none; throws an {@link RpcException} if it is a failure
 */
// A carrier: nobody compares two of them.
@SuppressWarnings("ArrayRecordComponent")
record Question<T>(
        String subject, byte[] payload, Function<byte[], T> answered, Function<NatsException, T> unanswered) {
    T ask(NatsClient client, Duration timeout) {
        try {
            return answered.apply(client.request(subject, payload, timeout).payload());
        } catch (NatsException e) {
            return unanswered.apply(e);
        }
    }

    CompletableFuture<T> askAsync(NatsClient client, Duration timeout) {
        CompletableFuture<T> result = new CompletableFuture<>();
        CompletableFuture<NatsMessage> reply = begin(client, timeout);
        CompletableFuture<?> unused = reply.whenComplete((message, failure) -> {
            try {
                result.complete(
                        failure == null
                                ? answered.apply(message.payload())
                                : unanswered.apply(asNatsException(failure)));
            } catch (RuntimeException | Error e) { // Mostly an RpcException; whatever it is, nobody waits for ever.
                result.completeExceptionally(e);
            }
        });
        // Whoever has cancelled it wants no answer any more.
        unused = result.whenComplete((value, failure) -> reply.cancel(false));
        return result;
    }

    private CompletableFuture<NatsMessage> begin(NatsClient client, Duration timeout) {
        try {
            return client.requestAsync(subject, payload, timeout);
        } catch (NatsException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static NatsException asNatsException(Throwable failure) {
        return failure instanceof NatsException e
                ? e
                : new NatsException(NatsStatus.ERR, "unexpected: " + failure, failure);
    }
}
