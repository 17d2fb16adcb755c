package io.mallard.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mallard.ConnectionOptions;
import io.mallard.internal.outbound.Ending;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.server.ServerAddress;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConnectionTest {
    private static final ServerAddress ADDRESS = new ServerAddress("a", 4222);
    private static final long COVER_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long WRITE_TIMEOUT_NS = ConnectionOptions.DEFAULT_WRITE_TIMEOUT.toNanos();
    private static final long PING_INTERVAL_NS = ConnectionOptions.DEFAULT_PING_INTERVAL.toNanos();

    private final RecordingOwner owner = new RecordingOwner();
    private final FakePeer peer = new FakePeer(ADDRESS, owner);
    private final ServerConnection connection = peer.connection();

    @Test
    void owesNoPongsWithoutEndToAServerThatTakesNone() {
        FakePeer flooding = FakePeer.ready("A1", ADDRESS, owner);
        owner.takeEvents();
        flooding.stalls();

        for (int i = 0; i < 100_000 && !flooding.isClosed(); i++) {
            flooding.sends("PING\r\n");
        }

        assertThat(flooding.isClosed()).isTrue();
        assertThat(owner.takeEvents()).last().asString().contains("PINGs without end");
    }

    @Test
    void answersEveryPingOfAServerThatTakesTheAnswers() {
        FakePeer busy = FakePeer.ready("A1", ADDRESS, owner);

        for (int i = 0; i < 100_000; i++) {
            busy.sends("PING\r\n");
        }

        assertThat(busy.received()).hasSize(100_000 * "PONG\r\n".length());
    }

    // The handshake.

    @Test
    void isReadyWhenTheServerHasAnsweredConnectAndPing() {
        assertThat(connection.state()).isEqualTo(ConnectionState.CONNECTING);
        connection.onConnected();
        assertThat(connection.state()).isEqualTo(ConnectionState.AWAITING_INFO);
        assertThat(peer.received()).as("the server speaks first").isEmpty();

        peer.sends("INFO {\"server_id\":\"A1\",\"max_payload\":100}\r\n");
        assertThat(connection.state()).isEqualTo(ConnectionState.AWAITING_PONG);
        assertThat(peer.received()).matches("CONNECT \\{.*}\r\nPING\r\n");
        assertThat(owner.takeEvents()).isEmpty();

        peer.sends("PONG\r\n");
        assertThat(connection.state()).isEqualTo(ConnectionState.READY);
        assertThat(owner.takeEvents()).containsExactly("ready");
        assertThat(connection.serverId()).isEqualTo("A1");
        assertThat(connection.info().maxPayload()).isEqualTo(100);
    }

    @Test
    void timesOutAtTheDeadlineInAnyStateOfTheHandshakeSayingWhatItWaitsFor() {
        assertThat(timedOut(peer)).isEqualTo("not reached: timed out waiting for the TCP connection");

        FakePeer silent = new FakePeer(ADDRESS, owner);
        silent.connection().onConnected();
        assertThat(timedOut(silent)).isEqualTo("failed: timed out waiting for its INFO");

        FakePeer mute = new FakePeer(ADDRESS, owner);
        mute.connection().onConnected();
        mute.sends("INFO {}\r\n");
        assertThat(timedOut(mute)).isEqualTo("failed: timed out waiting for the PONG to CONNECT and PING");
    }

    private String timedOut(FakePeer late) {
        assertThat(late.connection().onTick(999)).isEqualTo(1);
        assertThat(owner.takeEvents()).isEmpty();
        assertThat(late.connection().onTick(1_000)).isEqualTo(Long.MAX_VALUE);
        assertThat(late.connection().onTick(1_001)).isEqualTo(Long.MAX_VALUE);
        assertThat(late.isClosed()).isTrue();
        return String.join(", ", owner.takeEvents());
    }

    @Test
    void refusesAServerThatRequiresTlsWhereThereIsNone() {
        connection.onConnected();
        peer.sends("INFO {\"tls_required\":true}\r\n");

        assertThat(peer.received()).as("no credentials in the clear").isEmpty();
        assertThat(owner.takeEvents())
                .containsExactly(
                        "failed: the server requires TLS, which the client must not use (tls=OFF); set tls to AUTOMATIC");
    }

    @Test
    void saysWhyTheServerRefusedTheClient() {
        connection.onConnected();
        peer.sends("INFO {}\r\n-ERR 'Authorization Violation'\r\n");

        assertThat(owner.takeEvents())
                .containsExactly("failed: the server refused the connection: Authorization Violation; "
                        + "check the credentials");
        assertThat(connection.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void saysWhatWasAwaitedWhenTheServerHangsUp() {
        connection.onConnected();
        peer.closes();

        assertThat(owner.takeEvents())
                .containsExactly("failed: the server closed the connection instead of sending its INFO");
    }

    @Test
    void aFailedConnectIsPassedOn() {
        connection.onFailed(new IOException("refused"));

        assertThat(owner.takeEvents()).containsExactly("not reached: refused");
    }

    // What the server says later.

    @Test
    void passesOnWhatAReadyServerSays() {
        becomeReady("{}");

        peer.sends("INFO {\"max_payload\":7}\r\nMSG a 2 2\r\nhi\r\n-ERR 'Permissions Violation'\r\n+OK\r\n");

        assertThat(owner.takeEvents()).containsExactly("info 7", "message 2 hi", "error Permissions Violation");
    }

    @Test
    void answersThePingOfTheServerAtOnce() {
        becomeReady("{}");
        peer.sends("PING\r\n");

        assertThat(peer.received()).isEqualTo("PONG\r\n");
    }

    @Test
    void bytesThatAreNotTheProtocolEndTheConnection() {
        becomeReady("{}");
        peer.sends("MSG a 1 3000000000\r\n");

        assertThat(owner.takeEvents()).singleElement().asString().startsWith("closed: ");
        assertThat(peer.isClosed()).isTrue();
    }

    @Test
    void aPongNobodyAskedForEndsTheConnection() {
        becomeReady("{}");
        peer.sends("PONG\r\n");

        assertThat(owner.takeEvents()).containsExactly("closed: the server sent a PONG without a PING");
    }

    @Test
    void aFailureWhileAMessageIsProcessedEndsTheConnection() {
        becomeReady("{}");
        connection.owner(new RecordingOwner() {
            @Override
            protected void note(String event) {
                if (event.startsWith("message")) {
                    throw new IllegalStateException(event);
                }
                super.note(event);
            }
        });
        peer.sends("MSG a 2 0\r\n\r\n");

        assertThat(connection.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void aFailureOfTheOwnerToActOnTheEndIsNotKeptFromTheLoop() {
        becomeReady("{}");
        connection.owner(new RecordingOwner() {
            @Override
            protected void note(String event) {
                throw new IllegalStateException("told: " + event);
            }
        });

        assertThatThrownBy(() -> peer.sends("PONG\r\n"))
                .hasMessageContaining("told: closed: the server sent a PONG without a PING");
        assertThat(connection.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Stale Connection", "Slow Consumer", "User Authentication Expired"})
    void whatTheServerSaysAtTheEndIsTheCauseOfIt(String words) {
        becomeReady("{}");
        peer.sends("-ERR '" + words + "'\r\n");
        peer.closes();

        assertThat(owner.takeEvents())
                .containsExactly("error " + words, "closed: the server closed the connection: " + words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Permissions Violation for Publish to \"a\"", "maximum subscriptions exceeded"})
    void whatTheServerOnlyComplainsOfIsNotTheCauseOfItsEnd(String words) {
        becomeReady("{}");
        peer.sends("-ERR '" + words + "'\r\n");
        peer.closes();

        assertThat(owner.takeEvents()).containsExactly("error " + words, "closed: the server closed the connection");
    }

    @Test
    void textOfTheServerStaysOnOneLineOfALog() {
        becomeReady("{}");
        peer.sends("-ERR 'a\rb\u001b[31m\u2028c'\r\n");

        assertThat(owner.takeEvents()).containsExactly("error a\\u000db\\u001b[31m\\u2028c");
    }

    @Test
    void anOwnerThatClosesItHearsNothingMore() {
        becomeReady("{}");
        connection.close();
        connection.close();
        peer.sends("PING\r\nMSG a 2 0\r\n\r\n");
        peer.closes();

        assertThat(owner.takeEvents()).isEmpty();
        assertThat(peer.received()).isEmpty();
    }

    // Lame duck.

    @Test
    void latchesLameDuckModeOnce() {
        becomeReady("{}");

        peer.sends("INFO {\"ldm\":true}\r\n");
        assertThat(owner.takeEvents()).containsExactly("info 1048576", "lame duck");
        peer.sends("INFO {}\r\nINFO {\"ldm\":true}\r\n");
        assertThat(owner.takeEvents()).containsExactly("info 1048576", "info 1048576");
        assertThat(connection.isLameDuck()).isTrue();
    }

    @Test
    void knowsAServerThatWasLameInTheHandshake() {
        becomeReady("{\"ldm\":true}");

        assertThat(connection.isLameDuck()).isTrue();
    }

    @Test
    void aServerThatVanishedFromItsOwnListIsALameDuck() {
        becomeReady("{\"connect_urls\":[\"b:1\",\"a:4222\"]}");

        peer.sends("INFO {\"connect_info\":true,\"connect_urls\":[\"b:1\"]}\r\n");

        assertThat(owner.takeEvents()).containsExactly("info 1048576", "lame duck");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"connect_urls\":[\"b:1\"]}",
                "{\"connect_info\":true}",
                "{\"connect_info\":true,\"connect_urls\":[\"b:1\",\"a:4222\"]}",
            })
    void aServerThatOnlyListsOthersOrNobodyIsNot(String later) {
        becomeReady("{\"connect_urls\":[\"b:1\",\"a:4222\"]}");

        peer.sends("INFO " + later + "\r\n");

        assertThat(connection.isLameDuck()).isFalse();
    }

    @Test
    void aServerThatNeverListedItselfCannotVanish() {
        becomeReady("{\"connect_urls\":[\"b:1\"]}");

        peer.sends("INFO {\"connect_info\":true,\"connect_urls\":[\"b:1\"]}\r\n");

        assertThat(connection.isLameDuck()).isFalse();
    }

    // Keep-alive.

    @Test
    void aServerThatAnswersNoPingIsGivenUp() {
        becomeReady("{}");

        assertThat(connection.onTick(0)).isEqualTo(PING_INTERVAL_NS);
        assertThat(connection.onTick(PING_INTERVAL_NS - 1)).isEqualTo(1);
        assertThat(peer.received()).isEmpty();
        assertThat(connection.onTick(PING_INTERVAL_NS)).isEqualTo(PING_INTERVAL_NS);
        connection.onTick(2 * PING_INTERVAL_NS);
        assertThat(peer.received()).isEqualTo("PING\r\nPING\r\n");
        assertThat(owner.takeEvents()).isEmpty();
        connection.onTick(3 * PING_INTERVAL_NS);

        assertThat(owner.takeEvents())
                .containsExactly("closed: stale connection: 2 PINGs unanswered, one every 20000 ms");
    }

    @Test
    void aServerThatAnswersIsKept() {
        becomeReady("{}");
        for (int i = 0; i < 10; i++) {
            connection.onTick(i * PING_INTERVAL_NS);
            if (i > 0) {
                peer.sends("PONG\r\n");
            }
        }

        assertThat(owner.takeEvents()).isEmpty();
        assertThat(connection.state()).isEqualTo(ConnectionState.READY);
    }

    // A server that takes nothing.

    @Test
    void aServerThatTakesNothingIsGivenUpAfterItsTime() {
        becomeReady("{}");
        long beforeNs = System.nanoTime();
        connection.onTick(beforeNs);
        peer.stalls();
        peer.publish("1");
        long afterNs = System.nanoTime();

        assertThat(connection.onTick(beforeNs + WRITE_TIMEOUT_NS - 1)).isPositive();
        assertThat(connection.state()).isEqualTo(ConnectionState.READY);
        assertThat(connection.onTick(afterNs + WRITE_TIMEOUT_NS + 1))
                .as("it looks once more whether there is room")
                .isZero();
        assertThat(owner.takeEvents()).isEmpty();
        connection.onTick(afterNs + WRITE_TIMEOUT_NS + 2);

        assertThat(owner.takeEvents())
                .containsExactly("closed: the server has taken nothing for 5000 ms (writeTimeout),"
                        + " and there is something to write");
    }

    /** The process was stopped, or had no time: when it goes on the clock is late, and the socket has room. */
    @Test
    void aServerThatWouldHaveTakenItIsKept() {
        becomeReady("{}");
        connection.onTick(System.nanoTime());
        peer.stalls();
        peer.publish("1");
        long lateNs = System.nanoTime() + 2 * WRITE_TIMEOUT_NS;
        connection.onTick(lateNs);

        peer.resumes();
        connection.onTick(lateNs + 1);

        assertThat(connection.state()).isEqualTo(ConnectionState.READY);
        assertThat(peer.received()).startsWith("PUB a 1\r\n1\r\n");
    }

    @Test
    void aServerThatTakesALittleNowAndThenIsKept() {
        becomeReady("{}");
        connection.onTick(System.nanoTime());
        peer.stalls();
        peer.publish("1");

        peer.resumes();
        connection.onTick(System.nanoTime() + WRITE_TIMEOUT_NS + 1);

        assertThat(connection.state()).isEqualTo(ConnectionState.READY);
        assertThat(peer.received()).startsWith("PUB a 1\r\n1\r\n");
    }

    @Test
    void aServerThatHasNothingToTakeIsKept() {
        becomeReady("{}");
        connection.onTick(System.nanoTime());
        peer.stalls();

        connection.onTick(System.nanoTime() + WRITE_TIMEOUT_NS + 1);

        assertThat(connection.state()).isEqualTo(ConnectionState.READY);
    }

    // Covering publishes.

    @Test
    void theEndOfABurstIsCoveredWithoutAnotherPublish() {
        becomeReady("{}");
        long beforeNs = System.nanoTime();
        peer.publish("1");
        long afterNs = System.nanoTime();
        peer.publish("2");
        assertThat(peer.received()).isEqualTo("PUB a 1\r\n1\r\nPING\r\nPUB a 1\r\n2\r\n");
        connection.onTick(beforeNs);

        peer.sends("PONG\r\n");
        assertThat(connection.onTick(beforeNs)).isBetween(COVER_INTERVAL_NS, COVER_INTERVAL_NS + afterNs - beforeNs);
        assertThat(peer.received()).isEmpty();
        connection.onTick(afterNs + COVER_INTERVAL_NS);

        assertThat(peer.received()).isEqualTo("PING\r\n");
        peer.sends("PONG\r\n");
        assertThat(connection.outbound().isCovered()).isTrue();
        assertThat(owner.takeEvents()).isEmpty();
    }

    @Test
    void aConnectionThatPublishesNothingWakesNobody() {
        becomeReady("{}");

        assertThat(connection.onTick(0)).isEqualTo(PING_INTERVAL_NS);
        assertThat(connection.onTick(COVER_INTERVAL_NS)).isEqualTo(PING_INTERVAL_NS - COVER_INTERVAL_NS);

        assertThat(peer.received()).isEmpty();
    }

    @Test
    void anUnansweredCoveringPingIsNotAStaleConnection() {
        becomeReady("{}");
        connection.onTick(0);
        peer.publish("1");

        for (int i = 1; i < 100; i++) {
            connection.onTick(i * COVER_INTERVAL_NS);
        }

        assertThat(connection.state()).isEqualTo(ConnectionState.READY);
        assertThat(peer.received()).isEqualTo("PUB a 1\r\n1\r\nPING\r\n");
    }

    @Test
    void whatTheServerAnsweredForJustBeforeItWasLostIsInDoubt() {
        becomeReady("{}");
        peer.publish("1");
        peer.sends("PONG\r\n");
        assertThat(connection.outbound().isCovered()).isTrue();

        peer.closes();

        assertThat(inDoubt()).isEqualTo(1);
    }

    @Test
    void nothingIsInDoubtWhenAServerIsLeftThatHasAnsweredForEverything() {
        becomeReady("{}");
        peer.publish("1");
        peer.sends("PONG\r\n");

        connection.close();

        assertThat(inDoubt()).isZero();
    }

    private long inDoubt() {
        return connection.writer().moveUnwritten(OutboundBuffer.offline(0), Ending.UNKNOWN, 0);
    }

    private void becomeReady(String info) {
        connection.onConnected();
        peer.sends("INFO " + info + "\r\nPONG\r\n");
        assertThat(owner.takeEvents()).containsExactly("ready");
        peer.received();
    }
}
