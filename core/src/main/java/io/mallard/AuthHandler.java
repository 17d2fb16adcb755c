package io.mallard;

/**
 * Finds out what the client says of itself to a server: for credentials that the options do not know, such as those of a
 * key management service.
 *
 * <p>Threading: called on a thread of the client's own, never on its event loop, for several connections at a time.
 */
@FunctionalInterface
public interface AuthHandler {
    /**
     * Called for every connection that is made, those that stand by included. It may block, but the server waits only so
     * long for an answer, by default 2 s, and the client no longer than its {@code connectTimeout}.
     *
     * @param serverUrl the server that asks
     * @param nonce what the server wants to have signed with the key of an nkey or a JWT; empty if it wants nothing signed
     * @return what goes into CONNECT
     * @throws Exception when there are no credentials: the attempt at this server has failed, and is made again like any
     *     other
     */
    Credentials credentials(String serverUrl, byte[] nonce) throws Exception;
}
