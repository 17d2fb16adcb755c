package io.mallard.it.support;

/**
 * Which nats-server is asked for: any ({@code ""}), the newest one of the Debian suites, or a prefix such as {@code 2.10}.
 *
 * <p>Threading: immutable.
 */
record RequestedVersion(String text) {
    static final RequestedVersion ANY = new RequestedVersion("");
    static final RequestedVersion NEWEST = new RequestedVersion("newest");

    boolean accepts(ServerVersion version) {
        if (equals(NEWEST)) {
            return DebianSuite.SID.mayHold(version);
        }
        return equals(ANY) || version.hasPrefix(text);
    }

    @Override
    public String toString() {
        return equals(ANY) ? "of any version" : text;
    }
}
