package io.mallard.internal.route;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.internal.connection.FakePeer;
import io.mallard.internal.server.ServerAddress;
import io.mallard.protocol.wire.ProtocolException;
import io.mallard.protocol.wire.ServerInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which servers the standbys are on, how many there are, and which one is the best. */
class StandbyCandidatesTest extends StandbyPoolScene {
    private static final ServerAddress PREFERRED = new ServerAddress("p", 4222);

    @Test
    void makesAsManyAsItIsToldEachOnAServerOfItsOwn() {
        standbys = 2;
        pool = pool();
        carryOnA();

        connectNext("2");
        connectNext("3");
        pool.onTick(nowNs + JITTER_NS);

        assertThat(dialer.takeDialled()).containsExactly(B, C);
        assertThat(user.takeEvents()).containsExactly("standby", "standby");
    }

    @Test
    void aServerThatFailsIsNotTriedTwiceInTheRoundThatMakesSeveral() {
        standbys = 2;
        pool = pool();

        pool.onTick(nowNs);
        dialer.fails("refused");
        connectNext("2");
        connectNext("3");

        assertThat(dialer.takeDialled()).containsExactly(A, B, C);
    }

    @Test
    void aSecondAddressOfAStandbysServerIsNoSecondStandby() {
        standbys = 2;
        pool = pool();
        carryOnA();
        FakePeer b = connectNext("2");

        FakePeer alias = connectNext("2");

        assertThat(alias.isClosed()).isTrue();
        assertThat(b.isClosed()).isFalse();
        pool.onTick(nowNs);
        assertThat(user.takeEvents()).containsExactly("standby", "c: it is the server already in use", "round failed");
    }

    @Test
    void withTooFewServersItHasWhatThereIsAndLooksForMoreNowAndThen() {
        standbys = 3;
        pool = pool();
        carryOnA();
        connectNext("2");
        connectNext("3");
        dialer.takeDialled();

        assertThat(failARound()).isBetween(98L, 100L);
        assertThat(failARoundAfter(100)).isBetween(198L, 200L);

        assertThat(dialer.takeDialled()).isEmpty();
    }

    @Test
    void theOneThatCameFirstIsTakenFirstAndReplacedWithinTheJitter() {
        standbys = 2;
        pool = pool();
        carryOnA();
        FakePeer b = connectNext("2");
        FakePeer c = connectNext("3");
        dialer.takeDialled();

        assertThat(pool.ready()).isSameAs(b.connection());
        carrier = pool.take(nowNs);

        assertThat(carrier).isSameAs(b.connection());
        assertThat(pool.ready()).isSameAs(c.connection());
        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS - 2, JITTER_NS);
        pool.onTick(nowNs + JITTER_NS);
        assertThat(dialer.takeDialled()).containsExactly(A);
    }

    @Test
    void preferredServersAreTriedFirstAndNeedNotBeConfigured() {
        hotSwapServers = List.of(PREFERRED, C);
        standbys = 3;
        pool = pool();
        carryOnA();

        connectNext("4");
        connectNext("3");
        connectNext("2");

        assertThat(dialer.takeDialled()).containsExactly(PREFERRED, C, B);
    }

    @Test
    void aPreferredStandbyIsBetterThanOneThatCameEarlier() {
        hotSwapServers = List.of(PREFERRED, C);
        standbys = 3;
        pool = pool();
        carryOnA();
        pool.onTick(nowNs);
        dialer.fails("refused");
        pool.onTick(nowNs);
        dialer.fails("refused");
        FakePeer other = connectNext("2");
        failARound();
        nowNs += 100;

        FakePeer preferred = connectNext("4");
        FakePeer nextBest = connectNext("3");

        assertThat(pool.take(nowNs)).isSameAs(preferred.connection());
        assertThat(pool.take(nowNs)).isSameAs(nextBest.connection());
        assertThat(pool.take(nowNs)).isSameAs(other.connection());
    }

    @Test
    void anAdoptedServerReplacesWhatStandsByElsewhere() {
        hotSwapServers = List.of(B);
        pool = pool();
        carryOnA();
        FakePeer b = connectNext("2");
        dialer.takeDialled();

        servers.adopt(PREFERRED);
        pool.onAdopted(nowNs);
        FakePeer adopted = connectNext("4");

        assertThat(b.isClosed()).isTrue();
        assertThat(dialer.takeDialled()).containsExactly(PREFERRED);
        assertThat(pool.ready()).isSameAs(adopted.connection());
    }

    @Test
    void whereTheAdoptedServerStandsByAlreadyItIsTheBestAndNothingIsGivenUp() {
        standbys = 2;
        pool = pool();
        carryOnA();
        FakePeer b = connectNext("2");
        FakePeer c = connectNext("3");

        servers.adopt(C);
        pool.onAdopted(nowNs);

        assertThat(pool.ready()).isSameAs(c.connection());
        assertThat(b.isClosed()).isFalse();
    }

    @Test
    void nothingIsGivenUpForTheServerInUse() {
        pool = pool();
        carryOnA();
        FakePeer b = connectNext("2");

        servers.adopt(A);
        pool.onAdopted(nowNs);

        assertThat(b.isClosed()).isFalse();
    }

    @Test
    void anAdoptedServerThatRefusesIsFollowedByTheOthers() {
        pool = pool();
        carryOnA();
        connectNext("2");
        dialer.takeDialled();
        servers.adopt(PREFERRED);
        pool.onAdopted(nowNs);

        pool.onTick(nowNs);
        dialer.fails("refused");
        connectNext("3");

        assertThat(dialer.takeDialled()).containsExactly(PREFERRED, C);
    }

    @Test
    void aServerThatIsAdoptedNoMoreIsForgottenUnlessTheClusterSpeaksOfIt() throws ProtocolException {
        pool = pool();
        carryOnA();
        byte[] json = "{\"server_id\":\"1\",\"connect_urls\":[\"b:4222\"]}".getBytes(US_ASCII);
        ServerInfo listOfB = ServerInfo.parse(json, 0, json.length);
        servers.adopt(PREFERRED);
        servers.onInfo(listOfB);
        assertThat(servers.candidates(nowNs)).first().isEqualTo(PREFERRED);

        servers.adopt(null);
        servers.onInfo(listOfB);

        assertThat(servers.candidates(nowNs)).containsExactly(B, C, A);
    }

    @Test
    void theServerInUseIsTriedLastIfItMayBeTriedAtAll() {
        preferDifferentServer = false;
        pool = pool();
        carryOnA();
        pool.onTick(nowNs);
        dialer.fails("refused");
        pool.onTick(nowNs);
        dialer.fails("refused");

        FakePeer second = connectNext("1");

        assertThat(dialer.takeDialled()).containsExactly(B, C, A);
        assertThat(pool.ready()).isSameAs(second.connection());
    }

    @Test
    void oneStandbyOnTheServerInUseIsEnough() {
        preferDifferentServer = false;
        standbys = 2;
        pool = pool();
        carryOnA();
        pool.onTick(nowNs);
        dialer.fails("refused");
        pool.onTick(nowNs);
        dialer.fails("refused");
        connectNext("1");
        dialer.takeDialled();

        failARound();
        failARoundAfter(100);

        assertThat(dialer.takeDialled()).containsExactly(B, C);
    }

    @Test
    void aStandbyOnTheServerInUseIsTheWorst() {
        preferDifferentServer = false;
        standbys = 2;
        pool = pool();
        carryOnA();
        pool.onTick(nowNs);
        dialer.fails("refused");
        pool.onTick(nowNs);
        dialer.fails("refused");
        FakePeer same = connectNext("1");
        failARound();
        nowNs += 100;

        FakePeer different = connectNext("2");

        assertThat(pool.take(nowNs)).isSameAs(different.connection());
        assertThat(pool.take(nowNs)).isSameAs(same.connection());
    }

    @Test
    void aStandbyOnTheServerThatWasInUseIsAsGoodAsAnyOther() {
        preferDifferentServer = false;
        standbys = 3;
        pool = pool();
        carryOnA();
        pool.onTick(nowNs);
        dialer.fails("refused");
        FakePeer onC = connectNext("3");
        FakePeer onA = connectNext("1");
        assertThat(pool.take(nowNs)).isSameAs(onC.connection());
        carrier = onC.connection();
        pool.onCarrierChanged();
        nowNs += 1_000_000;
        FakePeer onB = connectNext("2");

        assertThat(pool.take(nowNs)).isSameAs(onA.connection());
        assertThat(pool.take(nowNs)).isSameAs(onB.connection());
    }

    @Test
    void anotherAddressOfTheServerInUseDoesNotComeBeforeTheOtherServers() {
        preferDifferentServer = false;
        pool = pool();
        carryOnA();

        FakePeer alias = connectNext("1");
        connectNext("3");

        assertThat(alias.isClosed()).isTrue();
        assertThat(dialer.takeDialled()).containsExactly(B, C);
    }

    @Test
    void whenTheServerInUseLeavesAStandbyThereGoesToo() {
        preferDifferentServer = false;
        standbys = 2;
        pool = pool();
        carryOnA();
        pool.onTick(nowNs);
        dialer.fails("refused");
        FakePeer different = connectNext("3");
        FakePeer same = connectNext("1");

        pool.onLameDuck(carrier, nowNs);

        assertThat(same.isClosed()).isTrue();
        assertThat(different.isClosed()).isFalse();
        assertThat(pool.ready()).isSameAs(different.connection());
    }

    @Test
    void theServerInUseIsNoCandidateOnceItIsLeaving() {
        preferDifferentServer = false;
        pool = pool();
        FakePeer lame = FakePeer.ready("1", A, user);
        lame.sends("INFO {\"server_id\":\"1\",\"ldm\":true}\r\n");
        carrier = lame.connection();

        failARound();

        assertThat(dialer.takeDialled()).containsExactly(B, C);
    }

    @Test
    void theLossOfOneStandbyIsNoneOfTheOthersBusiness() {
        standbys = 2;
        pool = pool();
        carryOnA();
        FakePeer b = connectNext("2");
        FakePeer c = connectNext("3");
        nowNs += StandbyPool.LASTING_NS;
        dialer.takeDialled();

        b.closes();

        assertThat(pool.ready()).isSameAs(c.connection());
        assertThat(pool.onTick(nowNs)).isBetween(JITTER_NS - 2, JITTER_NS);
        pool.onTick(nowNs + JITTER_NS);
        assertThat(dialer.takeDialled()).containsExactly(B);
    }

    @Test
    void aConnectionThatIsNotNeededAnyMoreIsNotKept() {
        standbys = 0;
        pool = pool();
        carryOnA();
        pool.need(nowNs);
        pool.onTick(nowNs);
        pool.trafficStays();

        FakePeer b = dialer.connects("2");

        assertThat(b.isClosed()).isTrue();
        assertThat(pool.ready()).isNull();
        assertThat(user.takeEvents()).isEmpty();
        assertThat(pool.onTick(nowNs)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aNeedThatComesBackBeginsItsOwnRound() {
        standbys = 0;
        pool = pool();
        carryOnA();
        pool.need(nowNs);
        pool.onTick(nowNs);
        pool.trafficStays();
        dialer.fails("refused");
        dialer.takeDialled();

        pool.need(nowNs);
        pool.onTick(nowNs);

        assertThat(dialer.takeDialled()).containsExactly(B);
    }

    @Test
    void closesEveryStandby() {
        standbys = 2;
        pool = pool();
        carryOnA();
        FakePeer b = connectNext("2");
        FakePeer c = connectNext("3");

        pool.close();

        assertThat(b.isClosed()).isTrue();
        assertThat(c.isClosed()).isTrue();
        assertThat(pool.take(nowNs)).isNull();
    }
}
