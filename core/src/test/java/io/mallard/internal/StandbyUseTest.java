package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mallard.ClientListener;
import io.mallard.NatsOptions;
import io.mallard.PendingOptions;
import io.mallard.internal.connection.FakeDialer;
import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.observe.ListenerNotifier;
import io.mallard.internal.outbound.OutboundBuffer;
import io.mallard.internal.publish.Publisher;
import io.mallard.internal.request.Inbox;
import io.mallard.internal.request.RequestTable;
import io.mallard.internal.request.Resender;
import io.mallard.internal.route.Route;
import io.mallard.internal.route.Router;
import io.mallard.internal.subscribe.ActiveSubscription;
import io.mallard.internal.subscribe.SubscriptionRegistry;
import io.mallard.protocol.net.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What users do on the connection that stands by, and what becomes of it. */
class StandbyUseTest {
    private static final String LOGGER = "io.mallard.standbyuse.Client";

    private final FakeDialer dialer = new FakeDialer();
    private final EventLoop loop = new EventLoop("never-started", failure -> {});
    private final Router router = new Router(Route.offline(OutboundBuffer.offline(1_000), 100));
    private final SubscriptionRegistry subscriptions = new SubscriptionRegistry(PendingOptions.DEFAULTS, true);
    private final List<String> disconnected = new ArrayList<>();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.mallard.standbyuse");
    private final EventLog log = new EventLog(LOGGER, "mallard");
    private long nowNs = System.nanoTime();
    private final ListenerNotifier listener = new ListenerNotifier(
            new ClientListener() {
                @Override
                public void onDisconnected(String url, Throwable cause, long publishesInDoubt) {
                    disconnected.add(url + " " + publishesInDoubt);
                }
            },
            Runnable::run,
            log);
    private final Conductor conductor = new Conductor(
            loop,
            NatsOptions.builder()
                    .servers("nats://a:1", "nats://b:2")
                    .noRandomize(true)
                    .standbyRefillJitter(Duration.ZERO)
                    .build(),
            router,
            subscriptions,
            new RequestTable(
                    new Inbox("_INBOX", new Random(1)), new Resender(router, () -> false), new Counters(), nowNs),
            new Publisher(router, loop, 1_000, full -> {}),
            dialer,
            Runnable::run,
            listener,
            log,
            new Counters(),
            nowNs);
    private final SubscriptionEvents events = new SubscriptionEvents(
            subscriptions,
            router,
            loop,
            conductor,
            Runnable::run,
            TimeUnit.SECONDS.toNanos(1),
            listener,
            log,
            new Counters());
    private FakePeer carrier;
    private FakePeer standby;

    StandbyUseTest() throws IOException {}

    @BeforeEach
    void oneCarriesAndOneStandsBy() {
        logger.addAppender(logged);
        logger.setLevel(Level.DEBUG);
        logged.start();
        carrier = connects("1");
        carrier.sends("PONG\r\n");
        standby = connects("2");
        carrier.received();
        assertThat(conductor.standby()).isSameAs(standby.connection());
    }

    @AfterEach
    void stopLogging() {
        logger.detachAppender(logged);
    }

    private FakePeer connects(String serverId) {
        tick();
        FakePeer peer = dialer.connects(serverId);
        tick();
        return peer;
    }

    private void tick() {
        nowNs = Math.max(nowNs, System.nanoTime()) + 1; // The conductor reads the clock when something happens.
        conductor.onTick(nowNs);
    }

    private ActiveSubscription subscribeOnStandby() {
        ActiveSubscription subscription =
                subscriptions.addOnly(standby.connection().outbound(), "s", message -> {}, Runnable::run, events);
        standby.connection().outbound().subscribe("s", null, subscription.sid());
        standby.connection().writer().flush();
        assertThat(standby.received()).isEqualTo("SUB s " + subscription.sid() + "\r\n");
        return subscription;
    }

    @Test
    void whatAStandbyThatIsLostHadNotWrittenGoesWhereTheTrafficGoes() {
        standby.stalls();
        standby.publish("1");

        standby.closes();
        tick();

        assertThat(carrier.received()).startsWith("PUB a 1\r\n1\r\n");
        assertThat(disconnected).isEmpty();
    }

    @Test
    void whatAStandbyThatIsLostHadWrittenIsInDoubt() {
        standby.publish("1");

        standby.closes();
        tick();

        assertThat(disconnected).containsExactly("nats://b:2 1");
        assertThat(carrier.received()).isEmpty();
    }

    @Test
    void aSubscriptionOfAStandbyThatGoesLameMovesToTheCarrier() {
        subscribeOnStandby();

        standby.sends("INFO {\"server_id\":\"2\",\"ldm\":true}\r\n");
        tick();

        assertThat(standby.isClosed()).isTrue();
        assertThat(carrier.received()).isEqualTo("SUB s 2\r\n");
    }

    @Test
    void aStandbyThatTakesOverIsNotToldAgainOfWhatItHas() {
        ActiveSubscription elsewhere = subscriptions.add("t", null, message -> {}, Runnable::run, events);
        subscribeOnStandby();

        carrier.closes();

        assertThat(elsewhere.sid()).isEqualTo(2);
        assertThat(standby.received())
                .startsWith("SUB _INBOX.")
                .contains("SUB t 2\r\n")
                .doesNotContain("SUB s");
    }

    @Test
    void theStandbyIsToldOfTheEndOfASubscriptionThatItAloneHas() {
        ActiveSubscription subscription = subscribeOnStandby();

        events.onUsedUp(subscription);

        assertThat(standby.received()).isEqualTo("UNSUB 2\r\n");
        assertThat(carrier.received()).isEmpty();
    }

    @Test
    void eachStandbyHasALoggerOfItsOwn() {
        standby.closes();
        FakePeer second = connectsAfter(Duration.ofSeconds(2));
        carrier.closes();

        assertThat(second.isClosed()).isFalse();
        assertThat(logged.list)
                .filteredOn(event -> event.getLoggerName().contains("_hotswap_"))
                .extracting(ILoggingEvent::toString)
                .as("%s", logged.list)
                .containsExactly(
                        "[DEBUG] Stands by: nats://b:2",
                        "[DEBUG] Gone: nats://b:2",
                        "[DEBUG] Stands by: nats://b:2",
                        "[DEBUG] Takes over: nats://b:2");
        assertThat(logged.list)
                .filteredOn(event -> event.getLoggerName().contains("_hotswap_"))
                .extracting(ILoggingEvent::getLoggerName)
                .containsExactly(
                        LOGGER + "_hotswap_1", LOGGER + "_hotswap_1", LOGGER + "_hotswap_2", LOGGER + "_hotswap_2");
    }

    private FakePeer connectsAfter(Duration wait) {
        tick();
        nowNs += wait.toNanos();
        return connects("2");
    }
}
