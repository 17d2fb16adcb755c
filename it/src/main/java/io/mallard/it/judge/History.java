package io.mallard.it.judge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a scenario, message by message: who sent which number when, who received it when, which requests were
 * executed and answered, and what else happened at which moment. {@link #verdict} compares, and says what was lost,
 * duplicated, reordered or late, and behind which event.
 *
 * <p>Every receiver is owed every message of every publisher it was registered with, once and in the order in which they
 * were sent. The members of a queue group are one receiver, without an order.
 *
 * <p>Threading: any thread; one lock guards everything and is never held during I/O.
 */
public final class History {
    /** What can be wrong. */
    public enum Kind {
        LOST,
        DUPLICATED,
        REORDERED,
        LATE,
        FAILED,
        EXECUTED_TWICE,
        /** There was nothing to judge. */
        SILENT
    }

    /** One thing that is wrong, with the first message it happened to. */
    public record Finding(Kind kind, long count, String text) {
        @Override
        public String toString() {
            return kind + " × " + count + ": " + text;
        }
    }

    /** One message, or request, that something is wrong with. */
    public record Flaw(Kind kind, String path, long number, long sentNs) {}

    /** Takes the numbers that one thing is wrong with. */
    @FunctionalInterface
    private interface Sink {
        void found(Kind kind, String path, List<Long> numbers, List<Long> sentNs);
    }

    private record Event(String name, long atNs) {}

    private record Delivery(int publisher, long number, long atNs) {}

    private record Period(long fromNs, long toNs) {
        boolean contains(long ns) {
            return ns - fromNs >= 0 && toNs - ns >= 0;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Supplier<Long> clockNs;
    // Guarded by lock.
    private final List<Event> events = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Receiver> receivers = new ArrayList<>();
    private final List<Requests> requests = new ArrayList<>();

    public History() {
        this(System::nanoTime);
    }

    /** With a clock of one's own, in nanoseconds. */
    public History(Supplier<Long> clockNs) {
        this.clockNs = clockNs;
        event("the beginning");
    }

    /** Something else happens now. */
    public void event(String name) {
        locked(() -> events.add(new Event(name, clockNs.get())));
    }

    /** Somebody who sends numbered messages, one at a time. */
    public Publisher publisher(String name) {
        Publisher publisher = new Publisher(name);
        locked(() -> {
            publisher.index = publishers.size();
            publishers.add(publisher);
        });
        return publisher;
    }

    /** Somebody who is owed every message of these publishers, in their order. */
    public Receiver receiver(String name, Publisher... from) {
        return add(new Receiver(name, true, List.of(from)));
    }

    /** The members of a queue group: together they are owed every message of these publishers. */
    public Receiver group(String name, Publisher... from) {
        return add(new Receiver(name, false, List.of(from)));
    }

    private Receiver add(Receiver receiver) {
        locked(() -> receivers.add(receiver));
        return receiver;
    }

    /** Numbered requests of one requester, and what becomes of them. */
    public Requests requests(String name) {
        Requests made = new Requests(name);
        locked(() -> requests.add(made));
        return made;
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    /** Somebody who sends. */
    public final class Publisher {
        private final String name;
        private int index;
        // Guarded by lock.
        private final List<Long> sentNs = new ArrayList<>();
        private final List<Boolean> refused = new ArrayList<>();
        private final List<Period> outages = new ArrayList<>();
        private final List<Period> disorders = new ArrayList<>();
        private long inDoubt;

        private Publisher(String name) {
            this.name = name;
        }

        /** The next message, which counts as sent from now on. */
        public byte[] next() {
            lock.lock();
            try {
                sentNs.add(clockNs.get());
                refused.add(false);
                return (index + ":" + sentNs.size()).getBytes(US_ASCII);
            } finally {
                lock.unlock();
            }
        }

        /** The latest message was not accepted: nobody is owed it. */
        public void refused() {
            locked(() -> refused.set(refused.size() - 1, true));
        }

        /** Up to so many of its messages may be lost to each receiver: it was told of them. */
        public void mayLose(long messages) {
            locked(() -> inDoubt = messages);
        }

        /** What was sent in this time may be lost: who should get it was cut off. */
        public void mayLoseBetween(long fromNs, long toNs) {
            locked(() -> outages.add(new Period(fromNs, toNs)));
        }

        /** What was sent in this time may be overtaken by what was sent later: servers have kept it for a while. */
        public void mayBeOvertakenBetween(long fromNs, long toNs) {
            locked(() -> disorders.add(new Period(fromNs, toNs)));
        }

        /** Messages sent so far. */
        public long sent() {
            lock.lock();
            try {
                return sentNs.size();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Somebody who receives. */
    public final class Receiver {
        private final String name;
        private final boolean ordered;
        private final List<Publisher> from;
        // Guarded by lock.
        private final List<Delivery> deliveries = new ArrayList<>();

        private Receiver(String name, boolean ordered, List<Publisher> from) {
            this.name = name;
            this.ordered = ordered;
            this.from = from;
        }

        /** A message made by {@link Publisher#next} has come. */
        public void received(byte[] payload) {
            String text = new String(payload, US_ASCII);
            int colon = text.indexOf(':');
            int publisher = Integer.parseInt(text, 0, colon, 10);
            long number = Long.parseLong(text, colon + 1, text.length(), 10);
            locked(() -> deliveries.add(new Delivery(publisher, number, clockNs.get())));
        }

        /** Messages received so far, copies included. */
        public long received() {
            lock.lock();
            try {
                return deliveries.size();
            } finally {
                lock.unlock();
            }
        }

        /** Whether the last message of every publisher has come. */
        public boolean isComplete() {
            lock.lock();
            try {
                return from.stream()
                        .allMatch(publisher -> deliveries.stream()
                                .anyMatch(d -> d.publisher == publisher.index && d.number == publisher.sentNs.size()));
            } finally {
                lock.unlock();
            }
        }
    }

    /** Requests, numbered by {@link #begin}. */
    public final class Requests {
        private final String name;
        private final AtomicInteger numbers = new AtomicInteger();
        // Guarded by lock.
        private final List<Long> begunNs = new ArrayList<>();
        private final List<@Nullable String> outcomes = new ArrayList<>();
        private final List<Integer> executions = new ArrayList<>();
        private final List<Period> outages = new ArrayList<>();

        private Requests(String name) {
            this.name = name;
        }

        /** A request is about to be sent; its number is its payload. */
        public byte[] begin() {
            lock.lock();
            try {
                begunNs.add(clockNs.get());
                outcomes.add("no end");
                executions.add(0);
                return Integer.toString(numbers.incrementAndGet()).getBytes(US_ASCII);
            } finally {
                lock.unlock();
            }
        }

        /** A responder has got it. */
        public void executed(byte[] payload) {
            int number = number(payload);
            locked(() -> executions.set(number - 1, executions.get(number - 1) + 1));
        }

        /** Its answer has come: right, if it repeats the number. */
        public void answered(byte[] payload, byte[] answer) {
            end(payload, number(answer) == number(payload) ? null : "the answer of another one");
        }

        public void failed(byte[] payload, Throwable why) {
            end(payload, why.toString());
        }

        /** What was begun in this time may fail, but not be executed twice. */
        public void mayFailBetween(long fromNs, long toNs) {
            locked(() -> outages.add(new Period(fromNs, toNs)));
        }

        private void end(byte[] payload, @Nullable String outcome) {
            int number = number(payload);
            locked(() -> outcomes.set(number - 1, outcome));
        }

        private static int number(byte[] payload) {
            return Integer.parseInt(new String(payload, US_ASCII));
        }
    }

    /** Judges what has happened so far; messages may be that late. */
    public List<Finding> verdict(Duration latest) {
        lock.lock();
        try {
            List<Finding> findings = new ArrayList<>();
            judge(latest, (kind, path, numbers, sentNs) -> findings.add(finding(kind, path, numbers, sentNs)));
            return findings;
        } finally {
            lock.unlock();
        }
    }

    /** The same, message by message, for a judge who asks of each when it was sent. */
    public List<Flaw> flaws(Duration latest) {
        lock.lock();
        try {
            List<Flaw> flaws = new ArrayList<>();
            judge(latest, (kind, path, numbers, sentNs) -> {
                if (numbers.isEmpty()) {
                    flaws.add(new Flaw(kind, path, 0, clockNs.get()));
                }
                numbers.forEach(number -> flaws.add(new Flaw(kind, path, number, sentNs.get((int) (number - 1)))));
            });
            return flaws;
        } finally {
            lock.unlock();
        }
    }

    private void judge(Duration latest, Sink sink) {
        for (Receiver receiver : receivers) {
            for (Publisher publisher : receiver.from) {
                judge(receiver, publisher, latest.toNanos(), sink);
            }
        }
        requests.forEach(made -> judge(made, sink));
        if (receivers.isEmpty() && requests.isEmpty()) {
            sink.found(Kind.SILENT, "nobody receives anything", List.of(), List.of());
        }
    }

    /** Throws unless every message and every request is accounted for. */
    public void assertExact(Duration latest) {
        List<Finding> findings = verdict(latest);
        if (!findings.isEmpty()) {
            throw new AssertionError(describe(findings));
        }
    }

    /** As {@link #assertExact}, except that up to {@code inDoubt} messages of a kill may be lost to each receiver. */
    public void assertExactExceptLost(long inDoubt, Duration latest) {
        List<Finding> findings = verdict(latest).stream()
                .filter(finding -> finding.kind != Kind.LOST || finding.count > inDoubt)
                .toList();
        if (!findings.isEmpty()) {
            throw new AssertionError(describe(findings) + "\n" + inDoubt + " in doubt");
        }
    }

    /** How many findings of a kind, over all receivers. */
    public long count(Kind kind) {
        return verdict(Duration.ofDays(1)).stream()
                .filter(finding -> finding.kind == kind)
                .mapToLong(Finding::count)
                .sum();
    }

    private String describe(List<Finding> findings) {
        StringBuilder text = new StringBuilder("not every message is accounted for:");
        findings.forEach(finding -> text.append("\n  ").append(finding));
        return text.toString();
    }

    private static void judge(Receiver receiver, Publisher publisher, long latestNs, Sink sink) {
        String path = publisher.name + " → " + receiver.name;
        int count = publisher.sentNs.size();
        if (count == 0) {
            sink.found(Kind.SILENT, path + ": nothing was sent", List.of(), List.of());
            return;
        }
        int[] times = new int[count];
        List<Long> duplicated = new ArrayList<>();
        List<Long> reordered = new ArrayList<>();
        List<Long> late = new ArrayList<>();
        long highest = 0;
        for (Delivery delivery : receiver.deliveries) {
            if (delivery.publisher != publisher.index) {
                continue;
            }
            int index = (int) delivery.number - 1;
            if (times[index]++ > 0) {
                duplicated.add(delivery.number);
            } else if (receiver.ordered
                    && delivery.number < highest
                    && !isIn(publisher.disorders, publisher.sentNs.get(index))) {
                reordered.add(delivery.number);
            }
            highest = Math.max(highest, delivery.number);
            if (delivery.atNs - publisher.sentNs.get(index) > latestNs) {
                late.add(delivery.number);
            }
        }
        List<Long> lost = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (times[i] == 0 && !publisher.refused.get(i) && !isIn(publisher.outages, publisher.sentNs.get(i))) {
                lost.add(i + 1L);
            }
        }
        if (lost.size() <= publisher.inDoubt) {
            lost.clear();
        }
        found(Kind.LOST, path, lost, publisher.sentNs, sink);
        found(Kind.DUPLICATED, path, duplicated, publisher.sentNs, sink);
        found(Kind.REORDERED, path, reordered, publisher.sentNs, sink);
        found(Kind.LATE, path, late, publisher.sentNs, sink);
    }

    private static void judge(Requests made, Sink sink) {
        if (made.begunNs.isEmpty()) {
            sink.found(Kind.SILENT, made.name + ": no request was made", List.of(), List.of());
            return;
        }
        List<Long> failed = new ArrayList<>();
        List<Long> twice = new ArrayList<>();
        for (int i = 0; i < made.begunNs.size(); i++) {
            if (made.outcomes.get(i) != null && !isIn(made.outages, made.begunNs.get(i))) {
                failed.add(i + 1L);
            }
            if (made.executions.get(i) > 1) {
                twice.add(i + 1L);
            }
        }
        String first = failed.isEmpty() ? "" : " (" + made.outcomes.get((int) (failed.get(0) - 1)) + ")";
        found(Kind.FAILED, made.name + first, failed, made.begunNs, sink);
        found(Kind.EXECUTED_TWICE, made.name, twice, made.begunNs, sink);
    }

    private static boolean isIn(List<Period> periods, long ns) {
        return periods.stream().anyMatch(period -> period.contains(ns));
    }

    private static void found(Kind kind, String path, List<Long> numbers, List<Long> sentNs, Sink sink) {
        if (!numbers.isEmpty()) {
            sink.found(kind, path, numbers, sentNs);
        }
    }

    private Finding finding(Kind kind, String path, List<Long> numbers, List<Long> sentNs) {
        if (numbers.isEmpty()) {
            return new Finding(kind, 1, path);
        }
        long first = numbers.get(0);
        long last = numbers.get(numbers.size() - 1);
        return new Finding(
                kind,
                numbers.size(),
                path + ", first number " + first + " sent " + moment(sentNs.get((int) first - 1)) + ", last number "
                        + last + " sent " + moment(sentNs.get((int) last - 1)) + ", of " + sentNs.size());
    }

    /** A moment, as people remember it: by what had happened before. */
    private String moment(long atNs) {
        Event latest = events.get(0);
        for (Event event : events) {
            if (event.atNs - atNs <= 0) {
                latest = event;
            }
        }
        return String.format(Locale.ROOT, "%.1f ms after \"%s\"", (atNs - latest.atNs) / 1e6, latest.name);
    }
}
