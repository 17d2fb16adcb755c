package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void passesARunWithoutAFlawAndSaysSoInOneLine() {
        Verdict verdict = Verdict.of(new SampleRun().result());

        assertThat(verdict.passed()).isTrue();
        assertThat(verdict.line())
                .isEqualTo("verdict: episodes=2 requests=2000 failed=0 executed-twice=0"
                        + " published=10000 refused=0 lost=0 duplicated=0 reordered=0"
                        + " received=12000 received-lost=0 received-duplicated=0 received-reordered=0"
                        + " worst-request-ms=12.3 in-doubt=0");
    }

    @Test
    void saysEveryFlawInItsOwnPlaceOfTheLine() {
        RunResult result = new SampleRun()
                .failed(1, "no reply")
                .executedTwice(2)
                .refused(3, "full")
                .lost(4)
                .duplicated(5)
                .reordered(6)
                .receivesLost(7)
                .receivesDuplicated(8)
                .receivesReordered(9)
                .result();

        assertThat(Verdict.of(result).line())
                .contains(" failed=1 executed-twice=2 ")
                .contains(" refused=3 lost=4 duplicated=5 reordered=6 ")
                .contains(" received=11993 received-lost=7 received-duplicated=8 received-reordered=9 ");
    }

    @Test
    void breaksOnAFailedRequest() {
        assertThat(Verdict.of(new SampleRun().failed(3, "no reply").result()).broken())
                .containsExactly("3 requests failed (3 × no reply)");
    }

    @Test
    void breaksOnARefusedPublishHoweverMuchOfTheScheduleWasSent() {
        assertThat(Verdict.of(new SampleRun().refused(5, "buffer full").result())
                        .broken())
                .containsExactly("5 publishes were refused (5 × buffer full)");
    }

    @Test
    void breaksOnALostPublish() {
        assertThat(Verdict.of(new SampleRun().lost(7).result()).broken())
                .containsExactly("7 accepted publishes did not reach every receiver");
    }

    @Test
    void breaksOnARequestThatWasExecutedTwice() {
        assertThat(Verdict.of(new SampleRun().executedTwice(2).result()).broken())
                .containsExactly("2 requests were executed more than once");
    }

    @Test
    void breaksOnADuplicatedPublish() {
        assertThat(Verdict.of(new SampleRun().duplicated(3).result()).broken())
                .containsExactly("3 publishes reached a receiver twice");
    }

    @Test
    void breaksOnAReorderedPublish() {
        assertThat(Verdict.of(new SampleRun().reordered(4).result()).broken())
                .containsExactly("4 publishes reached a receiver behind a later one");
    }

    @Test
    void breaksOnAMessageTheClientDidNotReceive() {
        assertThat(Verdict.of(new SampleRun().receivesLost(5).result()).broken())
                .containsExactly("5 messages did not reach the client's handler");
    }

    @Test
    void breaksOnAMessageTheClientReceivedTwice() {
        assertThat(Verdict.of(new SampleRun().receivesDuplicated(6).result()).broken())
                .containsExactly("6 messages reached the client's handler twice");
    }

    @Test
    void breaksOnAMessageTheClientReceivedOutOfOrder() {
        assertThat(Verdict.of(new SampleRun().receivesReordered(7).result()).broken())
                .containsExactly("7 messages reached the client's handler behind a later one");
    }

    @Test
    void breaksOnALoadThatWasNotSent() {
        assertThat(Verdict.of(new SampleRun().shareSent(0.9).result()).broken())
                .containsExactly("only 90.0 % of the schedule was sent, wanted 99 %");
    }

    @Test
    void breaksOnAClientThatStayed() {
        assertThat(Verdict.of(new SampleRun().stayedOn("n2").result()).broken())
                .containsExactly("the client had not left n2 when that began to evict its clients");
    }

    @Test
    void breaksOnAnEpisodeThatWasNotPlayed() {
        assertThat(Verdict.of(new SampleRun()
                                .episodesWanted(3)
                                .trouble("the client is on n1 again")
                                .result())
                        .broken())
                .containsExactly("the client is on n1 again", "2 of 3 episodes were played");
    }

    @Test
    void breaksOnAThreadThatOutlivesTheRun() {
        assertThat(Verdict.of(new SampleRun().defect("left behind: thread x").result())
                        .broken())
                .containsExactly("left behind: thread x");
    }
}
