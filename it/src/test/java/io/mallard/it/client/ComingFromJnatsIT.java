package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.examples.port.OrderService;
import io.mallard.examples.port.OrderServiceOnJnats;
import io.mallard.examples.port.OrderServiceOnMallard;
import io.mallard.it.client.OrderAccount.Balance;
import io.mallard.it.support.Clients;
import io.mallard.it.support.NatsCluster;
import io.mallard.it.support.NatsServerConfig;
import io.mallard.it.support.NoLeaks;
import io.mallard.it.support.RawNats;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service of FROM-JNATS.md does the same on both clients, until a server goes lame. */
@NoLeaks
class ComingFromJnatsIT {
    private static final Logger LOG = LoggerFactory.getLogger(ComingFromJnatsIT.class);
    /** Time enough to leave; who does not is caught at it. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private static final int PEERS = 2;
    private static final int ORDERS_PER_S = 200;
    private static final int PRICES_PER_S = 1_000;
    /** More than the service lets wait, and than is under way elsewhere. */
    private static final int FLOOD = 30_000;

    private static final int ORDERS = 100;
    private static final int PRICES = 500;
    private static final int LAST_ORDERS = 20;

    @RegisterExtension
    final Clients clients = new Clients();

    private final OrderAccount account = new OrderAccount();

    /** Makes the service. */
    private interface Maker {
        OrderService make(List<String> servers, OrderService.Watcher watcher) throws Exception;
    }

    /**
     * Customers, the stock and whoever sets prices: raw sockets on a node that stays.
     *
     * <p>Threading: controlled by one thread.
     */
    private final class Peers {
        private static final long STOCK = 1;

        private final Scenario scenario;
        private final RawNats customer;
        private final RawNats stock;
        private final RawNats market;
        private volatile boolean stockSilent;

        Peers(Scenario scenario) {
            this.scenario = scenario;
            customer = customerAt(PEERS);
            AtomicReference<RawNats> self = new AtomicReference<>();
            stock = scenario.socket(PEERS, message -> {
                account.onReservation(message.payload());
                if (!stockSilent) {
                    RawNats socket = Objects.requireNonNull(self.get());
                    socket.publish(Objects.requireNonNull(message.reply()), OrderAccount.RESERVED.getBytes(US_ASCII));
                    socket.flush();
                }
            });
            self.set(stock);
            stock.subscribe("stock.reserve", STOCK);
            stock.ping();
            RawNats audience = scenario.socket(PEERS, message -> account.onAccepted(message.payload()));
            audience.subscribe("orders.accepted", 1);
            audience.ping();
            market = scenario.socket(PEERS, message -> {});
        }

        RawNats customerAt(int node) {
            String answers = "answers." + node;
            RawNats socket = scenario.socket(node, account::onAnswer);
            socket.subscribe(answers + ".*", 1);
            socket.ping();
            return socket;
        }

        long order(RawNats from, int node) {
            long number = account.nextOrder();
            byte[] headers = ("NATS/1.0\r\nOrder-Number: " + number + "\r\n\r\n").getBytes(US_ASCII);
            from.publish("orders.new", "answers." + node + "." + number, headers, Numbers.payload(number));
            from.flush();
            return number;
        }

        long order() {
            return order(customer, PEERS);
        }

        /** What comes of one more order. */
        String outcome() {
            long number = order();
            Eventually.eventually("an answer", () -> !account.outcomes(number).isEmpty());
            return account.outcomes(number).get(0);
        }

        long price() {
            long number = account.nextPrice();
            market.publish("prices", Numbers.payload(number));
            market.flush();
            return number;
        }

        void stockLeaves() {
            stock.unsubscribe(STOCK);
            stock.ping();
        }

        void stockSaysNothing() {
            stockSilent = true;
            stock.subscribe("stock.reserve", STOCK);
            stock.ping();
        }
    }

    /** What a run has seen: of calm, of a lame duck, and how many of the last orders were not answered as the service ended. */
    private record Run(Balance calm, Balance lame, List<String> events, int slowConsumers, long drainedAway) {}

    private Run run(Maker maker) throws Exception {
        NatsServerConfig template =
                NatsServerConfig.builder().lameDuckGrace(GRACE).build();
        try (Scenario scenario = new Scenario(clients, NatsCluster.start(3, template))) {
            Peers peers = new Peers(scenario);
            OrderService service = maker.make(scenario.cluster.urls(), account);
            // 1: all is well.
            settle(peers);
            account.beginBalance();
            load(peers, () -> {});
            Balance calm = account.balance();

            // 2: the server that the service is at goes lame.
            account.beginBalance();
            load(peers, () -> {
                scenario.lameDuck(0);
                Eventually.eventually(
                        "the service elsewhere",
                        () -> account.events().stream().anyMatch(event -> event.startsWith("at ")));
            });
            Balance lame = account.balance();

            // 3: the stock is not there, and then not in the mood.
            peers.stockLeaves();
            Eventually.eventually("news of the stock", () -> peers.outcome().equals("nobody keeps the stock"));
            peers.stockSaysNothing();
            Eventually.eventually("news of the stock", () -> peers.outcome().equals("the stock says nothing"));
            peers.stockSilent = false;
            assertThat(peers.outcome()).isEqualTo(OrderAccount.RESERVED);

            // 4: prices come faster than they are taken.
            assertThat(account.slowConsumers()).isZero();
            account.hold(true);
            IntStream.range(0, FLOOD).forEach(i -> peers.price());
            Eventually.eventually("the slow consumer", () -> account.slowConsumers() > 0);
            account.hold(false);

            // 5: the service ends.
            int node = scenario.hasSubscription(1, "orders.new") ? 1 : 2;
            RawNats last = peers.customerAt(node);
            List<Long> numbers = IntStream.range(0, LAST_ORDERS)
                    .mapToObj(i -> peers.order(last, node))
                    .toList();
            last.ping(); // All are on their way to the service.
            service.stop();
            last.ping();
            long drainedAway = numbers.stream()
                    .filter(number -> !account.outcomes(number).equals(List.of(OrderAccount.RESERVED)))
                    .count();
            return new Run(calm, lame, account.events(), account.slowConsumers(), drainedAway);
        }
    }

    /** Orders and prices, in the midst of which something happens; returns when the last ones have found the service. */
    private void load(Peers peers, Runnable midst) {
        try (Load orders = Load.start(1, ORDERS_PER_S, number -> peers.order());
                Load prices = Load.start(1, PRICES_PER_S, number -> peers.price())) {
            orders.awaitMore(ORDERS);
            prices.awaitMore(PRICES);
            midst.run();
            orders.awaitMore(ORDERS);
            prices.awaitMore(PRICES);
            orders.stop();
            prices.stop();
            assertThat(orders.failures()).isEmpty();
            assertThat(prices.failures()).isEmpty();
        }
        settle(peers);
    }

    /** Waits until an order and a price have found the service: what was before them has done so, or will not. */
    private void settle(Peers peers) {
        Eventually.eventually("a service", () -> peers.outcome().equals(OrderAccount.RESERVED));
        long order = peers.order();
        Eventually.eventually(
                "the last order",
                () -> account.isAccepted(order) && !account.outcomes(order).isEmpty());
        long price = peers.price();
        Eventually.eventually("the last price", () -> account.hasPrice(price));
    }

    @Test
    void theAccountSeesWhateverGoesWrong() {
        account.beginBalance();
        for (long order = 1; order <= 6; order++) {
            assertThat(account.nextOrder()).isEqualTo(order);
        }
        account.onAnswer(1, OrderAccount.RESERVED);
        account.onAnswer(2, OrderAccount.RESERVED);
        account.onAnswer(2, OrderAccount.RESERVED);
        account.onAnswer(3, OrderAccount.REFUSED);
        account.onAnswer(4, "nobody keeps the stock");
        account.onAnswer(5, OrderAccount.RESERVED); // And none for the sixth.
        List.of(1, 2, 2).forEach(order -> account.onReservation(Numbers.payload(order)));
        List.of(1, 1, 3, 4, 5).forEach(order -> account.onAccepted(Numbers.payload(order)));
        for (long price = 1; price <= 5; price++) {
            assertThat(account.nextPrice()).isEqualTo(price);
        }
        List.of(1, 3, 2, 3).forEach(price -> account.onPrice(Numbers.payload(price)));

        assertThat(account.balance()).isEqualTo(new Balance(6, 1, 1, 1, 1, 1, 2, 1, 5, 2, 1, 1));
        assertThat(account.balance().isFlawless()).isFalse();
    }

    @Test
    void onMallardNothingIsLostRepeatedOrRefused() throws Exception {
        Run run = run(OrderServiceOnMallard::new);
        LOG.info("on Mallard: {}", run);

        assertThat(run.calm().isFlawless()).as("%s", run).isTrue();
        assertThat(run.lame().isFlawless()).as("%s", run).isTrue();
        assertThat(run.events())
                .hasSize(2)
                .startsWith("the server is leaving, and so are we")
                .last(InstanceOfAssertFactories.STRING)
                .startsWith("at ")
                .endsWith(", nothing lost");
        assertThat(run.slowConsumers()).isEqualTo(1);
        assertThat(run.drainedAway()).isZero();
    }

    @Test
    void onJnatsTheServiceDoesTheSameAndIsThrownOut() throws Exception {
        Run run = run(OrderServiceOnJnats::new);
        LOG.info("on jnats: {}", run);

        assertThat(run.calm().isFlawless()).as("%s", run).isTrue();
        assertThat(run.events())
                .startsWith("the server is leaving, and will throw us out", "lost a server")
                .last(InstanceOfAssertFactories.STRING)
                .startsWith("at ");
        assertThat(run.slowConsumers()).isPositive();
    }
}
