package io.mallard.it.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One real nats-server, on loopback unless it is told another place, with a directory of its own. It keeps its ports over restarts, so
 * that clients find it again.
 *
 * <p>Threading: thread-safe; {@link #start}, {@link #restart} and {@link #close} exclude one another.
 */
public final class NatsServer implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SIGNAL_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration HTTP_TIMEOUT = Duration.ofSeconds(5);
    /** How long a server may take after SIGTERM before it is killed; one in lame duck mode ignores SIGTERM. */
    private static final Duration TERM_GRACE = Duration.ofSeconds(2);

    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(5);
    private static final Pattern READY = Pattern.compile("Server is ready");
    private static final byte[] GREETING = "INFO {".getBytes(StandardCharsets.US_ASCII);
    private static final int GREETING_TIMEOUT_MS = 2_000;
    static final int MAX_CONNECTIONS_LISTED = 10_000;
    private static final JsonMapper JSON = new JsonMapper();

    private final NatsServerConfig config;
    private final int clientPort = LoopbackPorts.reserve();
    private final int monitoringPort = LoopbackPorts.reserve();
    private final OptionalInt webSocketPort;
    private final Path directory;
    private final ServerLog log;

    private final ReentrantLock lifecycle = new ReentrantLock();
    // Guarded by lifecycle for writing.
    private volatile NatsServerBinary binary;
    private volatile @Nullable Process process;
    // Guarded by lifecycle. Once true, always true.
    private boolean closed;

    /** A server that has not started yet. */
    public NatsServer(NatsServerConfig config) {
        this.config = config;
        this.webSocketPort = config.webSocket() == null ? OptionalInt.empty() : OptionalInt.of(LoopbackPorts.reserve());
        String version = config.version();
        this.binary = version == null ? NatsServerBinary.find() : NatsServerBinary.find(version);
        try {
            this.directory = Files.createTempDirectory("mallard-" + config.name() + "-");
            Files.writeString(configFile(), config.text(clientPort, monitoringPort, webSocketPort));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.log = new ServerLog(directory.resolve("server.log"));
        OpenServers.add(this);
    }

    /** A running server with the given configuration. */
    public static NatsServer start(NatsServerConfig config) {
        NatsServer server = new NatsServer(config);
        try {
            server.start();
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    /** A running server with the defaults. */
    public static NatsServer startDefault() {
        return start(NatsServerConfig.builder().build());
    }

    /** Starts the process and returns when the server answers clients. */
    public void start() {
        lifecycle.lock();
        try {
            if (closed || isAlive()) {
                throw new IllegalStateException(config.name() + (closed ? " is closed" : " is running already"));
            }
            log.beginRun();
            List<String> command = new ArrayList<>(config.place().command());
            command.addAll(
                    List.of(binary.executable().toString(), "-c", configFile().toString()));
            Process started = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
                    .start();
            process = started;
            started.getOutputStream().close();
            awaitReady(started);
        } catch (IOException e) {
            throw new NatsServerException("cannot start " + binary.executable(), e);
        } finally {
            lifecycle.unlock();
        }
    }

    /** Ends the process if it runs, and starts it again on the same ports. */
    public void restart() {
        lifecycle.lock();
        try {
            end();
            start();
        } finally {
            lifecycle.unlock();
        }
    }

    /** As {@link #restart()}, with the server of another version, as for {@link NatsServerBinary#find(String)}. */
    public void restart(String version) {
        lifecycle.lock();
        try {
            end();
            binary = NatsServerBinary.find(version);
            start();
        } finally {
            lifecycle.unlock();
        }
    }

    public String name() {
        return config.name();
    }

    /** What it was told at first; for {@link #reload}. */
    public NatsServerConfig config() {
        return config;
    }

    public ServerVersion version() {
        return binary.version();
    }

    public int port() {
        return clientPort;
    }

    /** Where clients connect, without credentials. */
    public String url() {
        return "nats://" + config.place().address() + ":" + clientPort;
    }

    /** Where clients connect over WebSockets, without credentials; it must be configured. */
    public String webSocketUrl() {
        NatsServerConfig.WebSocket webSocket = Objects.requireNonNull(config.webSocket(), "no WebSockets");
        return webSocket.scheme() + "://" + config.place().address() + ":" + webSocketPort();
    }

    public int webSocketPort() {
        return webSocketPort.orElseThrow();
    }

    /** The directory with configuration and log. */
    public Path directory() {
        return directory;
    }

    public long pid() {
        return running().pid();
    }

    public boolean isAlive() {
        Process current = process;
        return current != null && current.isAlive();
    }

    /** What the monitoring port answers, for example to {@code /connz?subs=true}. */
    public JsonNode monitoring(String path) {
        try {
            return query(path);
        } catch (IOException e) {
            throw new NatsServerException(config.name() + " did not answer " + path + ": " + e + log.tail(), e);
        }
    }

    /** Every line of all runs. */
    public List<String> log() {
        return log.lines();
    }

    /** Waits until this run has logged a line in which the regular expression is found. */
    public void awaitLog(String regex, Duration timeout) {
        log.await(regex, timeout);
    }

    /** Sends SIGUSR2: the server tells its clients, serves them for the grace period, evicts them and exits. */
    public void lameDuck() {
        ExternalProcess.run(SIGNAL_TIMEOUT, List.of("kill", "-USR2", Long.toString(pid())));
    }

    /** Sends SIGTERM, which a server in lame duck mode ignores. */
    public void stop() {
        running().destroy();
    }

    /** Sends SIGKILL. */
    public void kill() {
        running().destroyForcibly();
    }

    /** Gives the server another configuration, and returns when it goes by it. */
    public void reload(NatsServerConfig changed) {
        try {
            Files.writeString(configFile(), changed.text(clientPort, monitoringPort, webSocketPort));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long before = reloads();
        ExternalProcess.run(SIGNAL_TIMEOUT, List.of("kill", "-HUP", Long.toString(pid())));
        Await.until(config.name() + " to reload", SIGNAL_TIMEOUT, () -> reloads() > before, log::tail);
    }

    private long reloads() {
        return log().stream()
                .filter(line -> line.contains("Reloaded server configuration"))
                .count();
    }

    /** Sends SIGSTOP, and returns when it is obeyed: the sockets stay open, and nobody reads from them or answers. */
    public void pause() {
        ExternalProcess.run(SIGNAL_TIMEOUT, List.of("kill", "-STOP", Long.toString(pid())));
        Path threads = Path.of("/proc", Long.toString(pid()), "task");
        if (Files.isDirectory(threads)) {
            Await.until("every thread to stop", SIGNAL_TIMEOUT, () -> areStopped(threads));
        }
    }

    /** One that is running goes on until the next interrupt of its processor, long enough to answer a client. */
    private static boolean areStopped(Path threads) throws IOException {
        try (Stream<Path> all = Files.list(threads)) {
            for (Path thread : all.toList()) {
                String status = Files.readString(thread.resolve("stat"));
                if (status.charAt(status.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
        }
        return true;
    }

    /** Sends SIGCONT, which ends a {@link #pause}. */
    public void resume() {
        ExternalProcess.run(SIGNAL_TIMEOUT, List.of("kill", "-CONT", Long.toString(pid())));
    }

    public void awaitExit(Duration timeout) {
        if (!hasExitedWithin(timeout)) {
            throw new NatsServerException(
                    config.name() + " has not exited within " + timeout.toMillis() + " ms" + log.tail());
        }
    }

    /** Ends the process, whatever state it is in, and deletes the directory unless it is to be kept. */
    @Override
    public void close() {
        lifecycle.lock();
        try {
            closed = true;
            end();
            if (!config.keepDirectory()) {
                Directories.deleteIfExists(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            LoopbackPorts.release(clientPort);
            LoopbackPorts.release(monitoringPort);
            webSocketPort.ifPresent(LoopbackPorts::release);
            OpenServers.remove(this);
            lifecycle.unlock();
        }
    }

    private void end() {
        if (!isAlive()) {
            return;
        }
        stop();
        if (!hasExitedWithin(TERM_GRACE)) {
            kill();
            awaitExit(KILL_TIMEOUT);
        }
    }

    private void awaitReady(Process started) {
        Await.until(
                config.name() + " to be ready",
                START_TIMEOUT,
                () -> {
                    if (!started.isAlive()) {
                        throw new NatsServerException(
                                config.name() + " exited with " + started.exitValue() + " at its start" + log.tail());
                    }
                    // Both: another process may sit on a port this server failed to get.
                    return log.contains(READY) && greets();
                },
                log::tail);
    }

    private boolean greets() throws IOException {
        int probePort;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(config.place().address(), clientPort), GREETING_TIMEOUT_MS);
            socket.setSoTimeout(GREETING_TIMEOUT_MS);
            probePort = socket.getLocalPort();
            if (!config.isSilentAtFirst()) {
                byte[] greeting = socket.getInputStream().readNBytes(GREETING.length);
                if (!Arrays.equals(greeting, GREETING)) {
                    return false;
                }
            }
        }
        // Where connections are few or counted, this one must not be among them.
        Await.until(config.name() + " to have dropped the probe", START_TIMEOUT, () -> !hasClientAt(probePort));
        return true;
    }

    private boolean hasClientAt(int port) throws IOException {
        JsonNode connections = query("/connz?limit=" + MAX_CONNECTIONS_LISTED).path("connections");
        return StreamSupport.stream(connections.spliterator(), false)
                .anyMatch(connection -> connection.path("port").asInt() == port);
    }

    private boolean hasExitedWithin(Duration timeout) {
        Process current = running();
        try {
            return current.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NatsServerException("interrupted while waiting for the exit of " + config.name(), e);
        }
    }

    /** As {@link #monitoring}, for callers that ask again while the server comes up or goes down. */
    JsonNode query(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create("http://" + config.place().address() + ":" + monitoringPort + path)
                        .toURL()
                        .openConnection();
        connection.setConnectTimeout((int) HTTP_TIMEOUT.toMillis());
        connection.setReadTimeout((int) HTTP_TIMEOUT.toMillis());
        // A connection kept alive would be a leaked socket to whoever counts them.
        connection.setRequestProperty("Connection", "close");
        try (InputStream body = connection.getInputStream()) {
            return JSON.readTree(body);
        }
    }

    /** The end of the log, for an error message. */
    String logTail() {
        return log.tail();
    }

    private Process running() {
        Process current = process;
        if (current == null) {
            throw new IllegalStateException(config.name() + " was never started");
        }
        return current;
    }

    private Path configFile() {
        return directory.resolve("server.conf");
    }
}
