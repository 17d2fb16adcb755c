package io.mallard.it.support;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directories of the {@code PATH}.
 *
 * <p>Threading: immutable.
 */
record SearchPath(String directories) implements ServerSource {
    /** Looks at the first nats-server only: it is the one a shell would start. */
    @Override
    public Finding look(RequestedVersion requested) {
        for (String directory : directories.split(File.pathSeparator, -1)) {
            Path executable = Path.of(directory, NatsServerBinary.NAME);
            if (!directory.isEmpty() && Files.isRegularFile(executable) && Files.isExecutable(executable)) {
                return NatsServerBinary.at(executable, requested, "PATH");
            }
        }
        return new Missing("PATH: no " + NatsServerBinary.NAME + " in " + directories);
    }
}
