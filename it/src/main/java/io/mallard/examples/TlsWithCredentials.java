package io.mallard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsOptions;
import io.mallard.TlsMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * Connects over TLS, trusting one authority and nobody else, with the server's host name verified, and logs in with a {@code .creds}
 * file. Ends by itself, and says why when it is not let in.
 *
 * <pre>
 * java -cp it/target/mallard-it.jar io.mallard.examples.TlsWithCredentials tls://localhost:4222 ca.pem user.creds
 * </pre>
 *
 * <p>Both files are read again for each connection, so they may be replaced while the client runs.
 *
 * <p>Threading: one thread.
 */
public final class TlsWithCredentials {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private TlsWithCredentials() {}

    /** Takes the URLs of the servers, then the file of the authority and that of the credentials. */
    public static void main(String... arguments) {
        int servers = arguments.length - 2;
        NatsOptions options = NatsOptions.builder()
                .servers(Arrays.copyOf(arguments, servers))
                .connectTimeout(Duration.ofSeconds(5)) // The first handshake of a process takes its time.
                .tls(TlsMode.REQUIRED) // Never in the clear, whatever the server says.
                .tlsTrustStore(Path.of(arguments[servers]), null) // PEM has no password.
                .credentialsFile(Path.of(arguments[servers + 1]))
                .build();
        try (NatsClient client = NatsClient.connect(options)) {
            client.subscribe("secrets.echo", message -> message.respond(message.payload()));
            String answer = new String(
                    client.request("secrets.echo", "hello".getBytes(UTF_8), PATIENCE)
                            .payload(),
                    UTF_8);
            System.out.println("let in, and answered " + answer);
        } catch (NatsException e) {
            System.out.println("not let in: " + e.status());
            System.out.println(e.getMessage());
        }
    }
}
