package io.mallard.it.support;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a user of a {@link NatsServer} may publish and subscribe to. An empty list says nothing, as in the server's own configuration,
 * where {@code allow: []} forbids nobody anything; {@code denyPublish(">")} is the way to forbid everything.
 *
 * <p>Threading: immutable.
 *
 * @param responses whether one answer to each request received is allowed besides; a server takes it to mean that nothing else may
 *     be published unless it is in publishAllow
 */
public record Permissions(
        List<String> publishAllow,
        List<String> publishDeny,
        List<String> subscribeAllow,
        List<String> subscribeDeny,
        boolean responses) {
    private static final Permissions ALL = new Permissions(List.of(), List.of(), List.of(), List.of(), false);

    public Permissions {
        publishAllow = List.copyOf(publishAllow);
        publishDeny = List.copyOf(publishDeny);
        subscribeAllow = List.copyOf(subscribeAllow);
        subscribeDeny = List.copyOf(subscribeDeny);
    }

    /** Everything is allowed; the other methods narrow that. */
    public static Permissions all() {
        return ALL;
    }

    public Permissions allowPublish(String... subjects) {
        return new Permissions(List.of(subjects), publishDeny, subscribeAllow, subscribeDeny, responses);
    }

    public Permissions denyPublish(String... subjects) {
        return new Permissions(publishAllow, List.of(subjects), subscribeAllow, subscribeDeny, responses);
    }

    public Permissions allowSubscribe(String... subjects) {
        return new Permissions(publishAllow, publishDeny, List.of(subjects), subscribeDeny, responses);
    }

    public Permissions denySubscribe(String... subjects) {
        return new Permissions(publishAllow, publishDeny, subscribeAllow, List.of(subjects), responses);
    }

    /** Allows one answer to each request received, and nothing else but what {@link #allowPublish} names. */
    public Permissions allowResponses() {
        return new Permissions(publishAllow, publishDeny, subscribeAllow, subscribeDeny, true);
    }

    /** The value of {@code permissions} in the configuration file. */
    String text() {
        return "{ publish: " + lists(publishAllow, publishDeny) + ", subscribe: " + lists(subscribeAllow, subscribeDeny)
                + (responses ? ", allow_responses: true" : "") + " }";
    }

    private static String lists(List<String> allow, List<String> deny) {
        return Stream.of(list("allow", allow), list("deny", deny))
                .filter(list -> !list.isEmpty())
                .collect(Collectors.joining(", ", "{ ", " }"));
    }

    private static String list(String name, List<String> subjects) {
        return subjects.isEmpty() ? "" : name + subjects.stream().collect(Collectors.joining("\", \"", ": [\"", "\"]"));
    }
}
