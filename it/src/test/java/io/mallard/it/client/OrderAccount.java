package io.mallard.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mallard.examples.port.OrderService;
import io.mallard.it.support.RawMessage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * What became of numbered orders and prices. All of it but the prices, which the service takes, and its events is seen by raw sockets.
 *
 * <p>Threading: thread-safe.
 */
final class OrderAccount implements OrderService.Watcher {
    static final String RESERVED = "reserved";
    static final String REFUSED = "503";

    private final AtomicLong orders = new AtomicLong();
    private final AtomicLong prices = new AtomicLong();
    private final Map<Long, List<String>> answers = new ConcurrentHashMap<>();
    private final Numbers reserved = new Numbers();
    private final Numbers accepted = new Numbers();
    private final Numbers taken = new Numbers();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger slow = new AtomicInteger();
    private volatile boolean held;
    /** What was before is not in the balance. */
    private volatile long firstOrder = 1;

    private volatile long firstPrice = 1;

    void beginBalance() {
        firstOrder = orders.get() + 1;
        firstPrice = prices.get() + 1;
    }

    long nextOrder() {
        return orders.incrementAndGet();
    }

    long nextPrice() {
        return prices.incrementAndGet();
    }

    void onReservation(byte[] order) {
        reserved.add(order);
    }

    void onAccepted(byte[] order) {
        accepted.add(order);
    }

    /** An answer names its order by the last token of its subject, and brings the headers of the order along. */
    void onAnswer(RawMessage answer) {
        String number = answer.subject().substring(answer.subject().lastIndexOf('.') + 1);
        onAnswer(Long.parseLong(number), outcome(answer, number));
    }

    private static String outcome(RawMessage answer, String number) {
        if (answer.status() != 0) {
            return REFUSED;
        }
        String headers = new String(answer.headers(), UTF_8).replace(" ", "");
        return headers.contains("\r\nOrder-Number:" + number + "\r\n") && headers.contains("\r\nTaken-By:orders\r\n")
                ? new String(answer.payload(), UTF_8)
                : "headers " + headers;
    }

    void onAnswer(long order, String outcome) {
        answers.computeIfAbsent(order, number -> new CopyOnWriteArrayList<>()).add(outcome);
    }

    @Override
    public void onEvent(String event) {
        events.add(event);
    }

    @Override
    public void onPrice(byte[] price) {
        while (held) {
            LockSupport.parkNanos(1_000_000);
        }
        taken.add(price);
    }

    @Override
    public void onSlow() {
        slow.incrementAndGet();
    }

    /** Whether whoever takes a price is kept from returning. */
    void hold(boolean hold) {
        held = hold;
    }

    List<String> events() {
        return List.copyOf(events);
    }

    int slowConsumers() {
        return slow.get();
    }

    List<String> outcomes(long order) {
        return answers.getOrDefault(order, List.of());
    }

    boolean hasPrice(long price) {
        return taken.has(price);
    }

    boolean isAccepted(long order) {
        return accepted.has(order);
    }

    Balance balance() {
        long lastOrder = orders.get();
        long lastPrice = prices.get();
        long unanswered = 0;
        long refused = 0;
        long failed = 0;
        long twice = 0;
        for (long order = firstOrder; order <= lastOrder; order++) {
            List<String> outcomes = outcomes(order);
            if (outcomes.isEmpty()) {
                unanswered++;
            } else if (outcomes.size() > 1) {
                twice++;
            } else if (outcomes.contains(REFUSED)) {
                refused++;
            } else if (!outcomes.contains(RESERVED)) {
                failed++;
            }
        }
        List<Long> inTurn = taken.received();
        long overtaken = 0;
        for (int i = 1; i < inTurn.size(); i++) {
            if (inTurn.get(i) < inTurn.get(i - 1)) {
                overtaken++;
            }
        }
        return new Balance(
                lastOrder - firstOrder + 1,
                unanswered,
                refused,
                failed,
                twice,
                reserved.duplicates(),
                accepted.missing(lastOrder).stream()
                        .filter(order -> order >= firstOrder)
                        .count(),
                accepted.duplicates(),
                lastPrice - firstPrice + 1,
                taken.missing(lastPrice).stream()
                        .filter(price -> price >= firstPrice)
                        .count(),
                taken.duplicates(),
                overtaken);
    }

    /**
     * What was sent and what went wrong.
     *
     * @param refused orders to which a server said that nobody takes them
     * @param failed orders with another answer than {@link #RESERVED}
     * @param pricesOvertaken prices that came right after a later one
     */
    record Balance(
            long orders,
            long unanswered,
            long refused,
            long failed,
            long answeredTwice,
            long reservedTwice,
            long notAccepted,
            long acceptedTwice,
            long prices,
            long pricesLost,
            long pricesTwice,
            long pricesOvertaken) {
        boolean isFlawless() {
            return equals(new Balance(orders, 0, 0, 0, 0, 0, 0, 0, prices, 0, 0, 0));
        }
    }
}
