package io.mallard.protocol.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stream is that begins with an opening, however its bytes come; {@link TransportContractTest} has it on sockets. */
class OpeningTransportTest {
    private static final String INFO = "INFO {\"x\":1}\r\n";
    private static final HexFormat HEX = HexFormat.of();

    /** The openings, and what the other side says of its own to grant them. */
    enum Way {
        WEBSOCKET {
            @Override
            Opening opening() {
                return new WebSocketOpening("h:80", "/path", new Random(1));
            }

            @Override
            byte[] granted() throws IOException {
                return WebSocketFarEnd.accept(new String(opening().begin(), ISO_8859_1));
            }
        },
        HTTP_PROXY {
            @Override
            Opening opening() {
                return new HttpConnectOpening("h:4222", "anna", "secret");
            }

            @Override
            byte[] granted() {
                return "HTTP/1.1 200 OK\r\nVia: somebody\r\n\r\n".getBytes(ISO_8859_1);
            }
        },
        SOCKS_PROXY {
            @Override
            Opening opening() {
                return new Socks5Opening("h", 4222, "anna", "secret");
            }

            @Override
            byte[] granted() {
                return HEX.parseHex("0502" + "0100" + "05000003" + "026162" + "1234");
            }
        };

        abstract Opening opening();

        abstract byte[] granted() throws IOException;

        /** Everything the other side says, with the first bytes of the stream right behind. */
        byte[] session() throws IOException {
            ByteArrayOutputStream session = new ByteArrayOutputStream();
            session.write(granted());
            session.write(INFO.getBytes(ISO_8859_1));
            return session.toByteArray();
        }

        /** What is said to it when everything comes and goes at once. */
        byte[] request() throws IOException {
            Owner owner = new Owner(this);
            owner.lower.connected();
            owner.lower.say(session());
            return owner.lower.written();
        }
    }

    /** Reads into a buffer of few bytes, and remembers what it was told. */
    private static final class Owner implements Transport.Events {
        final HandTransport lower = new HandTransport(this);
        final List<String> events = new ArrayList<>();
        private final OpeningTransport transport;
        private final ByteBuffer target = ByteBuffer.allocateDirect(5);
        private final StringBuilder read = new StringBuilder();
        private boolean closesWhenConnected;

        Owner(Way way) {
            transport = OpeningTransport.over(lower, way.opening(), this);
        }

        @Override
        public void onConnected() {
            events.add("connected");
            if (closesWhenConnected) {
                transport.close();
            }
        }

        @Override
        public void onReadable() {
            try {
                if (transport.read(target.clear()) < 0) {
                    events.add("end");
                }
            } catch (IOException e) {
                events.add(e.toString());
            }
            target.flip();
            while (target.hasRemaining()) {
                read.append((char) target.get());
            }
        }

        @Override
        public void onWritable() {
            events.add("writable");
        }

        @Override
        public void onFailed(IOException cause) {
            events.add(cause.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whatComesBehindTheOpeningIsTheOwnersWhereverItIsSplit(Way way) throws IOException {
        byte[] session = way.session();
        byte[] request = way.request();
        for (int cut = 0; cut <= session.length; cut++) {
            Owner owner = new Owner(way);
            owner.lower.connected();
            owner.lower.say(session, 0, cut);
            owner.lower.say(session, cut, session.length - cut);

            assertThat(owner.read.toString()).as("cut %d", cut).isEqualTo(INFO);
            assertThat(owner.events).as("cut %d", cut).containsExactly("connected");
            assertThat(owner.lower.written()).as("cut %d", cut).isEqualTo(request);
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void bytesMayComeAndGoOneByOne(Way way) throws IOException {
        byte[] session = way.session();
        Owner owner = new Owner(way);
        owner.lower.takeAtOnce(1);
        owner.lower.connected();
        for (int i = 0; i < session.length; i++) {
            owner.lower.say(session, i, 1);
            owner.lower.makeRoom();
        }

        assertThat(owner.read.toString()).isEqualTo(INFO);
        assertThat(owner.events).containsExactly("connected");
        assertThat(owner.lower.written()).isEqualTo(way.request());
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void afterwardsItIsTheStreamBelow(Way way) throws IOException {
        Owner owner = new Owner(way);
        owner.lower.connected();
        owner.lower.say(way.session());
        int asked = owner.lower.written().length;

        owner.lower.say("PING\r\n".getBytes(ISO_8859_1));
        assertThat(owner.transport.write(ByteBuffer.wrap(new byte[] {1, 2, 3}))).isTrue();
        owner.transport.requestWrite();
        owner.lower.makeRoom();
        owner.lower.end();

        assertThat(owner.read.toString()).isEqualTo(INFO + "PING\r\n");
        assertThat(owner.lower.written()).hasSize(asked + 3).endsWith(1, 2, 3);
        assertThat(owner.events).containsExactly("connected", "writable", "end");
    }

    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"WEBSOCKET", "HTTP_PROXY"})
    void aHeadThatNeverEndsIsReadNoFurtherThanTheLimit(Way way) {
        byte[] head = ("HTTP/1.1 200 OK\r\nX: " + "x".repeat(100_000)).getBytes(ISO_8859_1);
        for (int atOnce : new int[] {1, 1_000, head.length}) {
            Owner owner = new Owner(way);
            owner.lower.connected();
            for (int at = 0; at < head.length && owner.events.isEmpty(); at += atOnce) {
                owner.lower.say(head, at, Math.min(atOnce, head.length - at));
            }

            assertThat(owner.lower.readBytes()).isEqualTo(8 << 10);
            assertThat(owner.events)
                    .singleElement()
                    .asString()
                    .contains("more than 8192 bytes where the stream should begin: \"HTTP/1.1 200 OK??X: xxx")
                    .hasSizeLessThan(300);
            assertThat(owner.read).isEmpty();
        }
    }

    /** Nothing that a SOCKS proxy says is longer than a few hundred bytes; what else comes is the stream. */
    @Test
    void aSocksProxyIsReadNoFurtherThanTheLimitBeforeTheStreamBegins() throws IOException {
        Owner owner = new Owner(Way.SOCKS_PROXY);
        owner.lower.connected();
        byte[] endless =
                ByteBuffer.allocate(100_000).put(Way.SOCKS_PROXY.granted()).array();

        owner.lower.say(endless);

        assertThat(owner.events).containsExactly("connected");
        assertThat(owner.read).hasSize(endless.length - Way.SOCKS_PROXY.granted().length);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anEndInsteadOfTheBeginningFailsOnceAndNothingFollows(Way way) throws IOException {
        byte[] granted = way.granted();
        for (int cut = 0; cut < granted.length; cut++) {
            Owner owner = new Owner(way);
            owner.lower.connected();
            owner.lower.say(granted, 0, cut);

            owner.lower.end();
            owner.lower.end();
            owner.lower.makeRoom();

            assertThat(owner.events)
                    .as("cut %d", cut)
                    .containsExactly(
                            new EOFException("the other side closed the connection instead of answering").toString());
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anOwnerThatClosesWhenItIsConnectedHearsNothingMore(Way way) throws IOException {
        Owner owner = new Owner(way);
        owner.closesWhenConnected = true;
        owner.lower.connected();

        owner.lower.say(way.session());

        assertThat(owner.lower.isClosed()).isTrue();
        assertThat(owner.events).containsExactly("connected");
        assertThat(owner.read).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsHeardOnceClosedInTheMiddle(boolean ended) throws IOException {
        Owner owner = new Owner(Way.HTTP_PROXY);
        owner.lower.connected();
        owner.lower.say(Way.HTTP_PROXY.granted(), 0, 10);

        owner.transport.close();
        if (ended) {
            owner.lower.end();
        }
        owner.transport.onFailed(new IOException("late"));
        owner.transport.onWritable();

        assertThat(owner.events).isEmpty();
    }

    @Test
    void itBeginsOnce() {
        Owner owner = new Owner(Way.HTTP_PROXY);
        owner.transport.begin();
        assertThatThrownBy(owner.transport::begin)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("OPENING");
    }
}
