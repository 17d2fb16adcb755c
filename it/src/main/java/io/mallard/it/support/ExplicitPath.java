package io.mallard.it.support;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The executable somebody named, by system property or else by environment variable.
 *
 * <p>Threading: immutable.
 */
record ExplicitPath(@Nullable String property, @Nullable String variable) implements ServerSource {
    static final String PROPERTY = "nats.server.path";
    static final String VARIABLE = "NATS_SERVER_PATH";

    /** Refuses a path that names no executable: whoever set it wants that one, not the next best. */
    @Override
    public Finding look(RequestedVersion requested) {
        String named = property != null && !property.isEmpty() ? property : variable;
        if (named == null || named.isEmpty()) {
            return new Missing(PROPERTY + " and " + VARIABLE + ": not set");
        }
        Path executable = Path.of(named);
        if (!Files.isRegularFile(executable) || !Files.isExecutable(executable)) {
            throw new NatsServerException(
                    PROPERTY + " or " + VARIABLE + " names " + named + ", not an executable file");
        }
        return NatsServerBinary.at(executable, requested, "explicit path");
    }
}
