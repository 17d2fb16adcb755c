package io.mallard.it.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void passesARunWithoutAFlawAndSaysSoInOneLine() {
        Verdict verdict = Verdict.of(new SampleRun().result());

        assertThat(verdict.passed()).isTrue();
        assertThat(verdict.line())
                .isEqualTo("verdict: episodes=2 requests=2000 failed=0 published=10000 lost=0 duplicated=0 reordered=0"
                        + " worst-request-ms=12.3 in-doubt=0");
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
}
