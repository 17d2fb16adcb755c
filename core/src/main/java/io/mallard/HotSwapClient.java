package io.mallard;

import java.time.Duration;

/**
 * A view of one connection of a client, made while that stood by: whatever is done here is done on that very connection,
 * wherever the client's traffic goes. It stays the same when the connection takes over, and is of no more use when it is
 * closed or being left; {@link NatsClient#hotSwapClient()} gives the next one.
 *
 * <p>Nothing here waits for room in the buffer of the connection, {@code outboundBufferBytes}. What it had accepted when it
 * is lost goes on as that of any connection of the client: what was not written is sent on the connection that carries the
 * traffic, publishes of which nobody knows are reported, see {@link ClientListener#onDisconnected}.
 * {@link NatsClient#flush} says nothing of what is published here before the connection carries the traffic.
 *
 * <p>Threading: any thread.
 */
public interface HotSwapClient {
    /**
     * The server of this connection.
     *
     * @return its URL
     */
    String url();

    /**
     * Publishes. The payload is copied before this returns.
     *
     * @param subject where to
     * @param payload what
     * @throws NatsException INVALID_SUBJECT, MAX_PAYLOAD; INSUFFICIENT_BUFFER when there is no room now;
     *     CONNECTION_CLOSED when this connection is closed or being left
     */
    void publish(String subject, byte[] payload);

    /**
     * Publishes with headers.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what
     * @throws NatsException as {@link #publish(String, byte[])}; NO_SERVER_SUPPORT when the server takes no headers
     */
    void publish(String subject, Headers headers, byte[] payload);

    /**
     * Sends a request and waits for one reply, which may come through any connection of the client. Should the server
     * answer that nobody listens while another one is being left, the request is sent a second time where the traffic
     * goes.
     *
     * @param subject where to
     * @param payload what; not to be changed until this returns
     * @param timeout longest time to wait
     * @return the reply
     * @throws NatsException TIMEOUT, saying whether the request was sent and may have been executed; NO_RESPONDERS; and as
     *     {@link #publish(String, byte[])}
     */
    NatsMessage request(String subject, byte[] payload, Duration timeout);

    /**
     * Sends a request with headers and waits for one reply, otherwise as {@link #request(String, byte[], Duration)}.
     *
     * @param subject where to
     * @param headers what to say beside the payload
     * @param payload what; not to be changed until this returns
     * @param timeout longest time to wait
     * @return the reply
     * @throws NatsException as {@link #request(String, byte[], Duration)}; NO_SERVER_SUPPORT when the server takes no
     *     headers
     */
    NatsMessage request(String subject, Headers headers, byte[] payload, Duration timeout);

    /**
     * Subscribes on this server, whatever {@code lameDuckSubscribe} says. The subscription is the client's: when this
     * connection takes over it stays where it is, and from then on it moves like any other. When this connection is lost
     * or given up without having taken over, the subscription moves to the one that carries the traffic, with a gap.
     *
     * @param subject what to, with {@code *} for one token and {@code >} at the end for the rest
     * @param handler what to do with a message
     * @return the subscription, whose SUB is on its way: whatever is published here next finds it there
     * @throws NatsException INVALID_SUBJECT; ILLEGAL_STATE with {@code noEcho}, which a server keeps for the publishes of
     *     the same connection alone; CONNECTION_CLOSED when this connection is closed or being left
     */
    Subscription subscribe(String subject, MessageHandler handler);
}
