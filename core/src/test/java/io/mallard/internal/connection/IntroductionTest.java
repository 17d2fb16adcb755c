package io.mallard.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.internal.connection.Introduction.Hello;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.wire.ConnectInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection whose credentials take their time, or expire. */
class IntroductionTest {
    private static final ServerAddress ADDRESS = new ServerAddress("a", 4222);

    private final CompletableFuture<Hello> hello = new CompletableFuture<>();
    private final List<String> asked = new ArrayList<>();
    private final RecordingOwner owner = new RecordingOwner();
    private final FakePeer peer = new FakePeer(ADDRESS, owner, (address, server) -> {
        asked.add(address.host() + " " + server.nonce());
        return hello;
    });
    private final ServerConnection connection = peer.connection();

    private void greet() {
        connection.onConnected();
        peer.sends("INFO {\"nonce\":\"abc\"}\r\n");
    }

    private static Hello of(String user, Expiry expiry) {
        return new Hello(ConnectInfo.builder().version("0").user(user).build(), expiry);
    }

    @Test
    void itIsAskedForWithTheNonceOfTheServer() {
        hello.complete(of("duck", null));
        greet();

        assertThat(asked).containsExactly("a abc");
        assertThat(peer.received()).matches("CONNECT \\{.*\"user\":\"duck\".*}\r\nPING\r\n");
    }

    @Test
    void nothingIsSaidBeforeIt() {
        greet();
        peer.sends("PING\r\n");

        assertThat(peer.received()).isEmpty();
        assertThat(connection.state()).isEqualTo(ConnectionState.AWAITING_CREDENTIALS);
        assertThat(connection.onTick(999)).isEqualTo(1);
        connection.onTick(1_000);
        assertThat(owner.takeEvents()).containsExactly("failed: timed out waiting for the credentials of this client");
    }

    @Test
    void whyThereIsNoneIsPassedOn() {
        hello.completeExceptionally(new NatsException(NatsStatus.CONNECTION_AUTH_FAILED, "no vault"));
        greet();

        assertThat(peer.received()).isEmpty();
        assertThat(owner.takeEvents()).containsExactly("failed: no vault");
    }

    @Test
    void aServerThatHangsUpMeanwhileIsNotBlamed() {
        greet();
        peer.closes();

        assertThat(owner.takeEvents())
                .containsExactly(
                        "failed: the server closed the connection before it had the credentials of this client");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization Violation",
                "User Authentication Expired",
                "User Authentication Revoked",
                "Account Authentication Expired"
            })
    void theWordsOfARefusalAreKnownAndToldWhenTheServerCloses(String words) {
        hello.complete(of("duck", null));
        greet();
        peer.sends("PONG\r\n-ERR '" + words + "'\r\n");
        peer.closes();

        assertThat(CredentialsRefusedException.isSaidBy(words)).isTrue();
        assertThat(owner.takeEvents())
                .containsExactly("ready", "error " + words, "closed: the server closed the connection: " + words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authentication Timeout",
                "Permissions Violation for Publish to \"authorization violation\"",
                "maximum connections exceeded"
            })
    void otherErrorsAreNoRefusals(String words) {
        assertThat(CredentialsRefusedException.isSaidBy(words)).isFalse();
    }

    @Test
    void aConnectionOutlastsOneWhoseCredentialsExpireEarlier() {
        ServerConnection early = expiring(100);
        ServerConnection late = expiring(200);
        hello.complete(of("duck", null));
        greet();

        assertThat(late.outlasts(early)).isTrue();
        assertThat(connection.outlasts(late)).isTrue();
        assertThat(early.outlasts(late)).isFalse();
        assertThat(early.outlasts(expiring(100))).isFalse();
        assertThat(early.outlasts(connection)).isFalse();
        assertThat(connection.outlasts(connection)).isFalse();
    }

    /** The second at which they expire is this nanosecond of the clock. */
    private static ServerConnection expiring(long endNs) {
        Hello said = of("duck", new Expiry(endNs, endNs, endNs - 10));
        FakePeer expiring = new FakePeer(
                ADDRESS, new RecordingOwner(), (address, server) -> CompletableFuture.completedFuture(said));
        expiring.connection().onConnected();
        expiring.sends("INFO {}\r\n");
        assertThat(expiring.connection().isRenewalDue(endNs - 11)).isFalse();
        assertThat(expiring.connection().isRenewalDue(endNs - 10)).isTrue();
        return expiring.connection();
    }
}
