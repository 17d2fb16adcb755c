package io.mallard.internal.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.mallard.protocol.wire.ProtocolException;
import io.mallard.protocol.wire.ServerInfo;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServerPoolTest {
    private static final long NOW_NS = 1_000;
    private static final ServerAddress A = new ServerAddress("a", 4222);
    private static final ServerAddress B = new ServerAddress("b", 4222);
    private static final ServerAddress C = new ServerAddress("c", 4222);
    private static final ServerAddress D = new ServerAddress("d", 4222);

    private final ServerPool pool = ordered(A, B, C);

    @Test
    void takesManyServersInLittleTimeAndNoMoreThanThereMayBe() {
        String urls =
                IntStream.range(0, 70_000).mapToObj(i -> "\"h" + i + ":1\"").collect(Collectors.joining(",", "[", "]"));
        ServerInfo info = parsed("{\"server_id\":\"1\",\"connect_urls\":" + urls + "}");

        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            assertThat(pool.onInfo(info)).hasSize(ServerPool.MAX_ANNOUNCED);
            assertThat(pool.onInfo(info)).isEmpty();
        });

        assertThat(pool.candidates(NOW_NS)).hasSize(3 + ServerPool.MAX_ANNOUNCED);
    }

    private static ServerInfo parsed(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        try {
            return ServerInfo.parse(bytes, 0, bytes.length);
        } catch (ProtocolException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void triesConfiguredServersInTheOrderGivenEachOnce() {
        assertThat(ordered(B, A, B, C, A).candidates(NOW_NS)).containsExactly(B, A, C);
    }

    @Test
    void aServerThatRefusesTwiceByTheSameWordsIsNoCandidate() {
        pool.onRefused(A, "no");
        assertThat(pool.candidates(NOW_NS)).containsExactly(A, B, C);

        pool.onRefused(B, "no");
        pool.onRefused(A, "no");

        assertThat(pool.candidates(NOW_NS)).containsExactly(B, C);
        assertThat(pool.candidatesBeside(Set.of(B), Set.of(), NOW_NS)).containsExactly(C);
        assertThat(pool.refusedTwice()).containsExactly(A);
        assertThat(pool.isRefusedByAll()).isFalse();
    }

    @Test
    void otherWordsOrAConnectionBeginACountAnew() {
        pool.onRefused(A, "no");
        pool.onRefused(A, "never");
        pool.onRefused(A, "no");
        pool.onRefused(B, "no");
        pool.onConnected(B, info("2"));
        pool.onRefused(B, "no");

        assertThat(pool.refusedTwice()).isEmpty();
    }

    @Test
    void serversThatHaveAllRefusedAreCandidatesAgainWhenForgiven() {
        for (ServerAddress address : List.of(A, B, C)) {
            pool.onRefused(address, "no");
            pool.onRefused(address, "no");
        }
        assertThat(pool.isRefusedByAll()).isTrue();
        assertThat(pool.candidates(NOW_NS)).isEmpty();

        pool.forgive();
        pool.onRefused(A, "no");

        assertThat(pool.candidates(NOW_NS)).containsExactly(A, B, C);
    }

    @Test
    void shufflesThemIfItMay() {
        List<ServerAddress> many = new Random(1)
                .ints(20, 1, 65_536)
                .mapToObj(port -> new ServerAddress("a", port))
                .distinct()
                .toList();

        List<ServerAddress> shuffled =
                new ServerPool(many, List.of(), true, false, -1, new Random(1)).candidates(NOW_NS);

        assertThat(shuffled).containsExactlyInAnyOrderElementsOf(many).isNotEqualTo(many);
        assertThat(new ServerPool(many, List.of(), true, false, -1, new Random(1)).candidates(NOW_NS))
                .isEqualTo(shuffled);
    }

    @Test
    void triesTheServerConnectedToLastAtTheEnd() {
        pool.onConnected(A, info("1"));

        assertThat(pool.candidates(NOW_NS)).containsExactly(B, C, A);
    }

    @Test
    void addsDiscoveredServersAndForgetsThemWhenTheClusterDoes() {
        pool.onInfo(info("1", "d:4222", "a:4222"));
        assertThat(pool.candidates(NOW_NS)).containsExactly(A, B, C, D);

        pool.onInfo(info("1", "a:4222"));
        assertThat(pool.candidates(NOW_NS)).containsExactly(A, B, C);
    }

    @Test
    void aServerThatKnowsOfNoOthersSaysNothingAboutThem() {
        pool.onInfo(info("1", "d:4222"));
        pool.onInfo(info("1"));

        assertThat(pool.candidates(NOW_NS)).containsExactly(A, B, C, D);
    }

    @Test
    void anAddressThatCannotBeDialledDoesNotMakeTheOthersUseless() {
        pool.onInfo(info("1", "a:b:c:d", "d:4222"));

        assertThat(pool.candidates(NOW_NS)).containsExactly(A, B, C, D);
    }

    @Test
    void putsDiscoveredServersAnywhereIfItMayShuffle() {
        List<Integer> positions = new Random(1)
                .longs(50)
                .mapToObj(seed -> {
                    ServerPool shuffled =
                            new ServerPool(List.of(A, B, C), List.of(), true, false, -1, new Random(seed));
                    shuffled.onInfo(info("1", "d:4222"));
                    return shuffled.candidates(NOW_NS).indexOf(D);
                })
                .distinct()
                .toList();

        assertThat(positions).containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    @Test
    void besideTheServerInUseThereIsNeitherItsAddressNorAnotherOfItsOwn() {
        pool.onConnected(A, info("1"));
        pool.onConnected(B, info("2"));
        pool.onConnected(C, info("1"));

        assertThat(candidatesBeside(pool, A, "1", NOW_NS)).containsExactly(B);
        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(A, C);
    }

    @Test
    void besideSeveralServersThereIsNoneOfThem() {
        pool.onConnected(A, info("1"));

        assertThat(pool.candidatesBeside(Set.of(B), Set.of("1", "2"), NOW_NS)).containsExactly(C);
    }

    @Test
    void aLeavingServerIsNoCandidateUntilItMayBeBack() {
        pool.onConnected(B, info("2"));
        pool.onLameDuck(A, "1", NOW_NS);

        long backNs = NOW_NS + ServerPool.LAME_FOR_NS;
        assertThat(candidatesBeside(pool, B, "2", backNs - 1)).containsExactly(C);
        assertThat(pool.candidates(backNs - 1)).containsExactly(C, B, A);
        assertThat(candidatesBeside(pool, B, "2", backNs)).containsExactly(A, C);
        assertThat(pool.candidates(backNs)).containsExactly(A, C, B);
    }

    @Test
    void everyAddressOfALeavingServerIsLeaving() {
        pool.onConnected(C, info("1"));
        pool.onLameDuck(A, "1", NOW_NS);

        assertThat(candidatesBeside(pool, D, "4", NOW_NS)).containsExactly(B);
    }

    @Test
    void aLeavingServerIsBackWhenTheClusterNamesItAgain() {
        pool.onLameDuck(A, "1", NOW_NS);
        pool.onInfo(info("2", "b:4222"));
        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(C);

        pool.onInfo(info("2", "a:4222"));
        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(A, C);
    }

    /** The news travels on two sockets, and the one of the other server may be the faster. */
    @Test
    void aLeavingServerIsBackAlsoIfTheClusterKnewOfItsLeavingFirst() {
        pool.onInfo(info("2", "b:4222"));
        pool.onLameDuck(A, "1", NOW_NS);
        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(C);

        pool.onInfo(info("2", "a:4222"));
        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(A, C);
    }

    @Test
    void aLeavingServerThatTheClusterNeverStoppedNamingIsStillLeaving() {
        pool.onLameDuck(A, "1", NOW_NS);
        pool.onInfo(info("2", "a:4222", "b:4222"));
        pool.onInfo(info("2", "a:4222", "b:4222"));

        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(C);
    }

    @Test
    void aLeavingServerThatOnlyLeavesItselfOutIsStillLeaving() {
        pool.onConnected(A, info("1"));
        pool.onInfo(info("1", "b:4222"));
        pool.onLameDuck(A, "1", NOW_NS);
        pool.onInfo(info("1", "b:4222"));
        pool.onInfo(info("2", "a:4222", "b:4222"));

        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(C);
    }

    @Test
    void aDiscoveredServerThatLeavesItselfOutIsNotForgottenAndFoundAnew() {
        pool.onInfo(info("2", "d:4222"));
        pool.onConnected(D, info("4"));
        pool.onInfo(info("4", "b:4222"));
        pool.onLameDuck(D, "4", NOW_NS);
        pool.onInfo(info("2", "d:4222", "b:4222"));

        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(A, C);
    }

    @Test
    void aLeavingServerIsBackWhenItTakesAConnectionWithANewId() {
        pool.onConnected(A, info("1"));
        pool.onLameDuck(A, "1", NOW_NS);
        pool.onConnected(A, info("1"));
        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(C);

        pool.onConnected(A, info("restarted"));
        assertThat(candidatesBeside(pool, B, "2", NOW_NS)).containsExactly(C, A);
    }

    @Test
    void serversWithoutAnIdAreNotOneServer() {
        pool.onConnected(A, info(""));
        pool.onConnected(B, info(""));
        assertThat(candidatesBeside(pool, B, "", NOW_NS)).containsExactly(C, A);

        pool.onLameDuck(B, "", NOW_NS);
        assertThat(pool.candidates(NOW_NS)).containsExactly(C, A, B);
        assertThat(candidatesBeside(pool, C, "3", NOW_NS)).containsExactly(A);
    }

    @Test
    void anUnknownServerChangesNothing() {
        pool.onConnected(D, info("4"));
        pool.onLameDuck(D, "4", NOW_NS);

        assertThat(pool.candidates(NOW_NS)).containsExactly(A, B, C);
    }

    @Test
    void preferredServersComeFirstInTheirOrder() {
        ServerPool preferring = preferring(D, B);
        preferring.onConnected(A, info("1"));

        assertThat(candidatesBeside(preferring, A, "1", NOW_NS)).containsExactly(D, B, C);
        assertThat(preferring.candidates(NOW_NS)).containsExactly(D, B, C, A);
    }

    @Test
    void theVeryFirstConnectionGoesToAConfiguredServerIfItCan() {
        assertThat(preferring(D, B).candidates(NOW_NS)).containsExactly(A, B, C, D);
    }

    @Test
    void preferredServersAreNotShuffled() {
        for (long seed = 0; seed < 20; seed++) {
            ServerPool shuffled = new ServerPool(List.of(A, B, C), List.of(D, C, B), true, false, -1, new Random(seed));
            shuffled.onConnected(A, info("1"));

            assertThat(shuffled.candidates(NOW_NS)).containsExactly(D, C, B, A);
        }
    }

    @Test
    void amongPreferredServersTheOneConnectedToLastIsTriedAtTheEnd() {
        ServerPool preferring = preferring(D, B);
        preferring.onConnected(D, info("4"));

        assertThat(preferring.candidates(NOW_NS)).containsExactly(B, D, A, C);
    }

    @Test
    void aPreferredServerIsNotForgottenWhenTheClusterDoesNotNameIt() {
        ServerPool preferring = preferring(D);
        preferring.onConnected(A, info("1"));
        preferring.onInfo(info("1", "a:4222"));

        assertThat(preferring.candidates(NOW_NS)).startsWith(D);
    }

    @Test
    void aPreferredServerThatIsLeavingIsNoCandidateEither() {
        ServerPool preferring = preferring(D);
        preferring.onConnected(A, info("1"));
        preferring.onLameDuck(D, "4", NOW_NS);

        assertThat(candidatesBeside(preferring, A, "1", NOW_NS)).containsExactly(B, C);
    }

    @Test
    void knowsAPreferredServerByEachOfItsAddresses() {
        ServerPool preferring = preferring(D);
        preferring.onConnected(D, info("4"));

        assertThat(preferring.isPreferred(D, "restarted")).isTrue();
        assertThat(preferring.isPreferred(A, "4")).isTrue();
        assertThat(preferring.isPreferred(A, "1")).isFalse();
        assertThat(preferring(D).isPreferred(A, "")).isFalse();
    }

    @Test
    void saysWhichServersHaveAppeared() {
        assertThat(pool.onInfo(info("1", "a:4222", "d:4222"))).as("a new one").containsExactly(D);
        assertThat(pool.onInfo(info("1", "a:4222", "d:4222"))).isEmpty();
        assertThat(pool.onInfo(info("1", "a:4222"))).as("one is gone").isEmpty();
        assertThat(pool.onInfo(info("1", "a:4222", "b:4222"))).as("one is back").containsExactly(B);
        assertThat(pool.onInfo(info("1"))).as("nothing is said").isEmpty();
    }

    @Test
    void aServerThatHasFailedAsOftenAsItMayIsNoCandidateUntilThereIsAConnection() {
        ServerPool limited = new ServerPool(List.of(A, B), List.of(), false, false, 2, new Random(1));
        limited.onFailed(A, "refused");
        limited.onFailed(B, "refused");
        assertThat(limited.candidates(NOW_NS)).containsExactly(A, B);

        limited.onFailed(A, "timed out");
        assertThat(limited.candidates(NOW_NS)).containsExactly(B);
        assertThat(limited.isUsedUp()).isFalse();
        limited.onFailed(B, "unknown");

        assertThat(limited.isUsedUp()).isTrue();
        assertThat(limited.lastFailures()).isEqualTo(A + ": timed out; " + B + ": unknown");
        limited.countAnew();
        assertThat(limited.candidates(NOW_NS)).containsExactly(A, B);
    }

    @Test
    void takesNoServerItWasNotGivenIfItIsToIgnoreDiscoveredOnes() {
        ServerPool closed = new ServerPool(List.of(A), List.of(), false, true, -1, new Random(1));

        assertThat(closed.onInfo(info("1", "a:4222", "b:4222"))).isEmpty();
        assertThat(closed.candidates(NOW_NS)).containsExactly(A);
    }

    @Test
    void discoveredServersAreReachedAsTheOthersAre() {
        ServerAddress webSocket = ServerAddress.parse("wss://a:1/nats");
        ServerPool webSockets = ordered(webSocket);

        assertThat(webSockets.onInfo(info("1", "a:1", "b:2", "nats://c:3")))
                .extracting(ServerAddress::toString)
                .containsExactly("wss://a:1", "wss://b:2");
    }

    @Test
    void serversThatAreConfiguredLaterReplaceTheOthers() {
        ServerPool first = ordered(A, B);
        first.onConnected(A, info("1"));

        first.configure(List.of(A, C));

        assertThat(first.candidates(NOW_NS)).as("the one in use is tried last").containsExactly(C, A);
        assertThat(first.isKnown(B, "2")).isFalse();
        assertThat(first.isKnown(D, "1")).as("by its id").isTrue();
    }

    @Test
    void serversThatTheClusterSpeaksOfStayWhenOthersAreConfigured() {
        ServerPool first = ordered(A, B);
        first.onConnected(A, info("1"));
        first.onInfo(info("1", "a:4222", "b:4222", "d:4222"));

        first.configure(List.of(C));

        assertThat(first.candidates(NOW_NS)).containsExactly(C, B, D, A);
        first.onInfo(info("1", "a:4222"));
        assertThat(first.candidates(NOW_NS)).containsExactly(C, A);
    }

    @Test
    void preferredServersStayWhenOthersAreConfigured() {
        ServerPool preferring = preferring(D, B);

        preferring.configure(List.of(C));

        assertThat(preferring.candidates(NOW_NS)).containsExactly(C, B, D);
    }

    @Test
    void serversThatAreConfiguredAgainAreWorthATry() {
        ServerPool limited = new ServerPool(List.of(A, B), List.of(), false, false, 1, new Random(1));
        limited.onFailed(A, "refused");
        limited.onRefused(B, "no");
        limited.onRefused(B, "no");
        assertThat(limited.candidates(NOW_NS)).isEmpty();

        limited.configure(List.of(A, B));

        assertThat(limited.candidates(NOW_NS)).containsExactly(A, B);
    }

    private static List<ServerAddress> candidatesBeside(
            ServerPool servers, ServerAddress used, String usedServerId, long nowNs) {
        return servers.candidatesBeside(Set.of(used), Set.of(usedServerId), nowNs);
    }

    /** A, B and C are configured. */
    private static ServerPool preferring(ServerAddress... preferred) {
        return new ServerPool(List.of(A, B, C), List.of(preferred), false, false, -1, new Random(1));
    }

    private static ServerPool ordered(ServerAddress... addresses) {
        return new ServerPool(List.of(addresses), List.of(), false, false, -1, new Random(1));
    }

    private static ServerInfo info(String serverId, String... connectUrls) {
        String urls = Arrays.stream(connectUrls).map(url -> '"' + url + '"').collect(Collectors.joining(","));
        byte[] json = ("{\"server_id\":\"" + serverId + "\",\"connect_urls\":[" + urls + "]}").getBytes(UTF_8);
        try {
            return ServerInfo.parse(json, 0, json.length);
        } catch (ProtocolException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
