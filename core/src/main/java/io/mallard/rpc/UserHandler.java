package io.mallard.rpc;

/**
 * What reaches a user who is bound to a frontend.
 *
 * <p>Threading: pushes come one after the other; a kick or another binding may come meanwhile. Blocking is allowed, except when the user has been
 * bound elsewhere.
 */
public interface UserHandler {
    /**
     * Something is pushed to the user.
     *
     * @param route which the user's client knows it by
     * @param data what
     * @throws Exception anything, of which whoever has pushed gets the message, with PIT-500
     */
    void onPush(String route, byte[] data) throws Exception;

    /**
     * The user's connection is to be ended.
     *
     * @throws Exception anything, of which whoever has kicked gets the message, with PIT-500
     */
    void onKick() throws Exception;

    /**
     * The user has been bound to another frontend, too. Unless told otherwise, nothing happens. Must not block: all users of this one wait.
     *
     * @param frontendId of that
     */
    default void onBoundElsewhere(String frontendId) {}
}
