package io.mallard.internal.outbound;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandBatchTest {
    private static final long NOW_NS = 1_000;
    private static final long ONE_SECOND_NS = 1_000_000_000;
    private static final int MANY_BYTES = 3 << 20;
    /** Of a command that is no request. */
    private static final long NO_DEADLINE = Long.MAX_VALUE;

    /** A command as a test knows it; PINGs have their waiter's name as text. */
    private record Command(CommandKind kind, String text, long deadlineNs) {
        String bytes() {
            return kind.isPing() ? "PING\r\n" : text;
        }

        boolean isExpired() {
            return deadlineNs <= NOW_NS;
        }
    }

    private static final List<Command> MIXED = List.of(
            new Command(CommandKind.OWN, "PONG\r\n", NO_DEADLINE),
            new Command(CommandKind.PUBLISH, "PUB a 1\r\n1\r\n", NO_DEADLINE),
            new Command(CommandKind.REQUEST, "PUB r i.1 0\r\n\r\n", NOW_NS + 1),
            new Command(CommandKind.PING, "flush 1", NO_DEADLINE),
            new Command(CommandKind.OWN, "SUB s 2\r\n", NO_DEADLINE),
            new Command(CommandKind.REQUEST, "PUB r i.2 0\r\n\r\n", NOW_NS),
            new Command(CommandKind.OWN_PING, "own", NO_DEADLINE),
            new Command(CommandKind.PUBLISH, "PUB a 1\r\n2\r\n", NO_DEADLINE),
            new Command(CommandKind.PING, "flush 2", NO_DEADLINE),
            new Command(CommandKind.OWN, "UNSUB 2\r\n", NO_DEADLINE));

    private final CommandBatch batch = new CommandBatch();
    private long nowNs = NOW_NS;
    private final List<String> pingEvents = new ArrayList<>();

    @Test
    void countsWhatIsInIt() {
        assertThat(batch.isEmpty()).isTrue();
        assertThat(batch.size()).isZero();

        add(MIXED);

        assertThat(batch.isEmpty()).isFalse();
        assertThat(batch.size()).isEqualTo(bytesOf(MIXED).length());
        assertThat(batch.publishes()).isEqualTo(2);
        assertThat(batch.pings()).map(Ping::toString).containsExactly("flush 1", "own", "flush 2");
        assertThat(batch.pings()).map(ping -> ping.publishesBefore).containsExactly(1L, 1L, 2L);
        assertThat(text(batch.flip())).isEqualTo(bytesOf(MIXED));
    }

    @Test
    void growsInBytesAndCommandsWithoutLosingAny() {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            String text = "PUB a " + i + "\r\n";
            add(new Command(CommandKind.PUBLISH, text, NO_DEADLINE));
            expected.append(text);
        }

        assertThat(batch.publishes()).isEqualTo(10_000);
        assertThat(text(batch.flip())).isEqualTo(expected.toString());
    }

    @Test
    void copiesAtEveryWritePositionWhatIsNotWhollyWrittenAndNotExpired() {
        int size = bytesOf(MIXED).length();
        for (int position = 0; position <= size; position++) {
            List<Command> unwritten = unwrittenAt(position);

            batch.clear(nowNs);
            add(MIXED);
            batch.flip().position(position);
            assertThat(batch.unwrittenPublishes()).isEqualTo(count(unwritten, kind -> kind == CommandKind.PUBLISH));
            assertThat(batch.unwrittenPings()).isEqualTo(count(unwritten, CommandKind::isPing));

            assertCopied(unwritten, kind -> true);
            batch.pings().clear();
        }
    }

    @Test
    void copiesOnlyTheKindsThatAreWanted() {
        for (int position = 0; position <= bytesOf(MIXED).length(); position++) {
            batch.clear(nowNs);
            add(MIXED);
            batch.flip().position(position);

            assertCopied(unwrittenAt(position), CommandKind::isUsers);
            batch.pings().clear();
        }
    }

    private void assertCopied(List<Command> unwritten, Predicate<CommandKind> wanted) {
        CommandBatch target = new CommandBatch();
        Queue<Ping> waiting = new ArrayDeque<>();
        unwritten.stream()
                .filter(command -> command.kind().isPing())
                .forEach(command -> waiting.add(new RecordingPing(command.text(), pingEvents)));
        Queue<Ping> lost = new ArrayDeque<>();
        int position = batch.unwritten().position();

        batch.copyUnwritten(target, wanted, waiting, lost, NOW_NS);

        List<Command> expected = unwritten.stream()
                .filter(command -> wanted.test(command.kind()) && !command.isExpired())
                .toList();
        assertThat(target.publishes()).isEqualTo(count(expected, kind -> kind == CommandKind.PUBLISH));
        assertThat(text(target.flip())).as("at %d", position).isEqualTo(bytesOf(expected));
        assertThat(target.pings()).map(Ping::toString).containsExactlyElementsOf(pingsOf(expected));
        assertThat(lost)
                .map(Ping::toString)
                .containsExactlyElementsOf(pingsOf(unwritten.stream()
                        .filter(command -> !wanted.test(command.kind()))
                        .toList()));
        assertThat(waiting).isEmpty();
        assertThat(batch.unwritten().position()).isEqualTo(position);
    }

    @Test
    void knowsItsEarliestDeadlineOnAClockThatWraps() {
        long wrapped = Long.MIN_VALUE + 10;
        add(new Command(CommandKind.REQUEST, "later", wrapped));
        add(new Command(CommandKind.REQUEST, "first", Long.MAX_VALUE - 10));
        add(new Command(CommandKind.PUBLISH, "never", NO_DEADLINE));

        assertThat(batch.hasExpired(Long.MAX_VALUE - 11)).isFalse();
        assertThat(batch.hasExpired(Long.MAX_VALUE - 10)).isTrue();

        batch.clear(nowNs);
        add(new Command(CommandKind.PUBLISH, "never", NO_DEADLINE));
        assertThat(batch.hasExpired(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void leavesOutTheRequestsNobodyWantsAndTellsEachWhatBecameOfIt() {
        add(MIXED.subList(0, 2));
        FakeRequest wanted = addRequest(7);
        FakeRequest ended = addRequest(8);
        add(MIXED.subList(3, 4));
        FakeRequest last = addRequest(9);
        ended.end();

        batch.tellTaken(NOW_NS);

        assertThat(wanted.isTaken()).isTrue();
        assertThat(ended.isTaken()).isFalse();
        assertThat(last.isTaken()).isTrue();
        assertThat(batch.publishes()).isEqualTo(1);
        assertThat(text(batch.flip())).isEqualTo(bytesOf(MIXED.subList(0, 2)) + request(7) + "PING\r\n" + request(9));
    }

    /** Whoever ends a request first says so and then asks whether it was taken: one of the two sees the other. */
    @Test
    void tellsARequestThatItIsTakenBeforeItAsksWhetherItIsWanted() {
        List<String> events = new ArrayList<>();
        batch.end(new OutboundRequest() {
            @Override
            public long deadlineNs() {
                return NOW_NS + 1;
            }

            @Override
            public boolean isWanted(long nowNs) {
                events.add("wanted?");
                return true;
            }

            @Override
            public void onBuffered(OutboundBuffer buffer) {
                events.add("buffered");
            }

            @Override
            public void onTaken() {
                events.add("taken");
            }

            @Override
            public void onDropped() {
                events.add("dropped");
            }
        });

        batch.tellTaken(NOW_NS);

        assertThat(events).containsExactly("taken", "wanted?");
    }

    @Test
    void aRequestIsNotTakenAtItsDeadline() {
        FakeRequest late = addRequest(7);

        batch.tellTaken(NOW_NS + 1);

        assertThat(late.isTaken()).isFalse();
        assertThat(batch.isEmpty()).isTrue();
    }

    @Test
    void forgetsTheRequestsOfEarlierRounds() {
        FakeRequest earlier = addRequest(7);
        batch.clear(nowNs);
        add(MIXED.subList(1, 2));
        FakeRequest later = addRequest(8);

        batch.tellTaken(NOW_NS);

        assertThat(earlier.isTaken()).isFalse();
        assertThat(later.isTaken()).isTrue();
    }

    @Test
    void givesBackTheMemoryOfABurstAfterAQuietSecond() {
        burst();
        quietRoundAfter(ONE_SECOND_NS);

        assertThat(batch.room(1).capacity()).isLessThan(MANY_BYTES);
        add(MIXED);
        assertThat(text(batch.flip())).isEqualTo(bytesOf(MIXED));
    }

    @Test
    void keepsItsMemoryWhileBurstsGoOn() {
        ByteBuffer grown = burst();
        for (int i = 0; i < 3; i++) {
            quietRoundAfter(ONE_SECOND_NS - 1);
            assertThat(burst()).isSameAs(grown);
        }
    }

    private ByteBuffer burst() {
        ByteBuffer grown = batch.room(MANY_BYTES).position(MANY_BYTES);
        batch.end(CommandKind.PUBLISH);
        batch.clear(nowNs);
        return grown;
    }

    private void quietRoundAfter(long afterNs) {
        nowNs += afterNs;
        add(MIXED);
        batch.clear(nowNs);
        batch.pings().clear();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4096, 4097, 1 << 20})
    void makesExactlyTheRoomThatIsAskedForOrMore(int size) {
        assertThat(batch.room(size).remaining()).isGreaterThanOrEqualTo(size);
    }

    private void add(List<Command> commands) {
        commands.forEach(this::add);
    }

    private void add(Command command) {
        if (command.kind().isPing()) {
            batch.ping(new RecordingPing(command.text(), pingEvents), command.kind());
        } else {
            byte[] bytes = command.text().getBytes(US_ASCII);
            batch.room(bytes.length).put(bytes);
            if (command.kind() == CommandKind.REQUEST) {
                batch.end(new FakeRequest(command.deadlineNs()));
            } else {
                batch.end(command.kind());
            }
        }
    }

    private FakeRequest addRequest(int token) {
        FakeRequest request = new FakeRequest(NOW_NS + 1);
        batch.room(16).put(request(token).getBytes(US_ASCII));
        batch.end(request);
        return request;
    }

    private static String request(int token) {
        return "PUB r i." + token + " 0\r\n\r\n";
    }

    private static List<Command> unwrittenAt(int position) {
        List<Command> unwritten = new ArrayList<>();
        int end = 0;
        for (Command command : MIXED) {
            end += command.bytes().length();
            if (end > position) {
                unwritten.add(command);
            }
        }
        return unwritten;
    }

    private static int count(List<Command> commands, Predicate<CommandKind> kinds) {
        return (int)
                commands.stream().filter(command -> kinds.test(command.kind())).count();
    }

    private static List<String> pingsOf(List<Command> commands) {
        return commands.stream()
                .filter(command -> command.kind().isPing())
                .map(Command::text)
                .toList();
    }

    private static String bytesOf(List<Command> commands) {
        StringBuilder bytes = new StringBuilder();
        commands.forEach(command -> bytes.append(command.bytes()));
        return bytes.toString();
    }

    private static String text(ByteBuffer flipped) {
        return US_ASCII.decode(flipped.duplicate()).toString();
    }
}
