package io.mallard.rpc;

/**
 * A server of a Pitaya cluster.
 *
 * @param type such as {@code room}
 * @param id unique among its type
 */
public record PitayaServer(String type, String id) {
    /**
     * A server whose calls have a subject.
     *
     * @throws IllegalArgumentException if one of the two cannot be part of a subject
     */
    public PitayaServer {
        requireToken("server type", type);
        requireToken("server id", id);
    }

    /** Where it takes calls. */
    String subject() {
        return "pitaya/servers/" + type + "/" + id;
    }

    /** Where frontends of a type hear that a user is bound to one of them. */
    static String bindingsSubject(String type) {
        return "pitaya/" + type + "/bindings";
    }

    /** Where the frontend that a user is bound to takes what is pushed. */
    static String pushSubject(String type, String userId) {
        return userSubject(type, userId, "push");
    }

    /** Where the frontend that a user is bound to is told to let go. */
    static String kickSubject(String type, String userId) {
        return userSubject(type, userId, "kick");
    }

    private static String userSubject(String type, String userId, String what) {
        requireToken("server type", type);
        requireToken("user id", userId);
        return "pitaya/" + type + "/user/" + userId + "/" + what;
    }

    /** Whatever a subject gives a meaning to is not for names. */
    private static void requireToken(String what, String value) {
        boolean harmless = !value.isEmpty()
                && value.chars()
                        .noneMatch(
                                c -> Character.isWhitespace(c) || Character.isISOControl(c) || ".*>".indexOf(c) >= 0);
        if (!harmless) {
            throw new IllegalArgumentException(what + " \"" + value
                    + "\", must not be empty, nor have white space, control characters, '.', '*' or '>'");
        }
    }
}
