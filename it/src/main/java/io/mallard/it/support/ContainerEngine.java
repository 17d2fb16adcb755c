package io.mallard.it.support;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.ContainerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.dockerclient.TransportConfig;

/**
 * A Docker engine, found and spoken to by Testcontainers, as a place that has files in images. It leaves nothing behind but the image:
 * so Testcontainers' own container, which would clean up after it, is not wanted.
 *
 * <p>Threading: thread-safe; every call blocks for as long as the engine does.
 */
record ContainerEngine(DockerClient docker) implements AutoCloseable {
    /** How an engine is come by; throws if there is none. */
    @FunctionalInterface
    interface Search {
        ContainerEngine find() throws Exception;
    }

    /** The engine of this machine: where DOCKER_HOST says, or at one of the usual sockets. */
    static ContainerEngine ofMachine() {
        try {
            TransportConfig found = DockerClientFactory.instance().getTransportConfig();
            return new ContainerEngine(DockerClientProviderStrategy.getClientForConfig(found));
        } catch (IllegalStateException e) {
            throw new NatsServerException("no Docker engine where DOCKER_HOST says or at the usual sockets", e);
        }
    }

    /** Copies an executable that lies in the root or on the PATH of the image, which is pulled if the engine has it not. */
    void copy(String image, String executable, Path target) throws IOException, InterruptedException {
        List<String> directories = directories(config(image));
        // A command is asked for even of a container that never runs.
        String container =
                docker.createContainerCmd(image).withCmd(executable).exec().getId();
        try {
            for (String directory : directories) {
                if (copyFile(container, directory + "/" + executable, target)) {
                    return;
                }
            }
            throw new NatsServerException("has no " + executable + " in any of " + directories);
        } finally {
            docker.removeContainerCmd(container).withRemoveVolumes(true).exec();
        }
    }

    @Override
    public void close() {
        try {
            docker.close();
        } catch (IOException e) {
            throw new NatsServerException("cannot close the connection to the Docker engine", e);
        }
    }

    private @Nullable ContainerConfig config(String image) throws InterruptedException {
        try {
            return docker.inspectImageCmd(image).exec().getConfig();
        } catch (NotFoundException e) {
            docker.pullImageCmd(image).exec(new PullImageResultCallback()).awaitCompletion();
            return docker.inspectImageCmd(image).exec().getConfig();
        }
    }

    private static List<String> directories(@Nullable ContainerConfig config) {
        List<String> directories = new ArrayList<>(List.of(""));
        String[] environment = config == null ? null : config.getEnv();
        for (String variable : environment == null ? new String[0] : environment) {
            if (variable.startsWith("PATH=")) {
                directories.addAll(List.of(variable.substring("PATH=".length()).split(":", -1)));
            }
        }
        return directories;
    }

    private boolean copyFile(String container, String file, Path target) throws IOException {
        try (TarArchiveInputStream archive = new TarArchiveInputStream(
                docker.copyArchiveFromContainerCmd(container, file).exec())) {
            TarArchiveEntry entry = archive.getNextEntry();
            if (entry == null || !entry.isFile() || entry.isSymbolicLink()) {
                return false;
            }
            Files.copy(archive, target);
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }
}
