package io.mallard.it.support;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.testcontainers.shaded.com.github.dockerjava.core.DefaultDockerClientConfig;
import org.testcontainers.shaded.com.github.dockerjava.core.DockerClientConfig;
import org.testcontainers.shaded.com.github.dockerjava.core.DockerClientImpl;

/**
 * Speaks as much of the protocol of a Docker engine as taking one file out of one image needs, and remembers what it was asked.
 *
 * <p>Threading: answers on the thread of the HTTP server; any thread may read the requests.
 */
final class ScriptedEngine implements AutoCloseable {
    private final HttpServer server;
    private final String file;
    private final byte[] content;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    // Only the HTTP server's one thread changes it.
    private volatile boolean hasImage;

    /** An engine whose every image has the one file. */
    ScriptedEngine(boolean hasImage, String file, String content) throws IOException {
        this.hasImage = hasImage;
        this.file = file;
        this.content = content.getBytes(StandardCharsets.UTF_8);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    ContainerEngine connect() {
        // Without Testcontainers, which would ask the engine of the machine for the credentials of registries.
        DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost("tcp://127.0.0.1:" + server.getAddress().getPort())
                .withDockerTlsVerify(false)
                .build();
        DockerHttpClient http = new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .build();
        return new ContainerEngine(DockerClientImpl.getInstance(config, http));
    }

    /** Method and path, without the version of the protocol and what follows the path. */
    List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().replaceFirst("^/v[\\d.]+", "");
            String request = exchange.getRequestMethod() + " " + path;
            requests.add(request);
            if (request.equals("GET /_ping")) {
                send(exchange, 200, "OK");
            } else if (request.startsWith("GET /images/")) {
                send(
                        exchange,
                        hasImage ? 200 : 404,
                        hasImage
                                ? "{\"Id\":\"i\",\"Config\":{\"Env\":[\"HOME=/\",\"PATH=/opt/bin:/usr/sbin\"]}}"
                                : "{\"message\":\"no such image\"}");
            } else if (request.equals("POST /images/create")) {
                hasImage = true;
                send(exchange, 200, "{\"status\":\"Download complete\"}");
            } else if (request.equals("POST /containers/create")) {
                send(exchange, 201, "{\"Id\":\"c1\",\"Warnings\":[]}");
            } else if (request.equals("GET /containers/c1/archive")) {
                sendFile(exchange);
            } else if (request.equals("DELETE /containers/c1")) {
                exchange.sendResponseHeaders(204, -1);
            } else {
                send(exchange, 500, "{\"message\":\"not scripted: " + request + "\"}");
            }
        }
    }

    private void sendFile(HttpExchange exchange) throws IOException {
        String query = URLDecoder.decode(exchange.getRequestURI().getRawQuery(), StandardCharsets.UTF_8);
        if (!query.contains("path=" + file)) {
            send(exchange, 404, "{\"message\":\"no such file\"}");
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream archive = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry(file.substring(file.lastIndexOf('/') + 1));
            entry.setSize(content.length);
            archive.putArchiveEntry(entry);
            archive.write(content);
            archive.closeArchiveEntry();
        }
        exchange.sendResponseHeaders(200, bytes.size());
        bytes.writeTo(exchange.getResponseBody());
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
