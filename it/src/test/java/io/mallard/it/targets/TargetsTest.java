package io.mallard.it.targets;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.load.ClientFigures;
import io.mallard.it.run.SampleRun;
import io.mallard.it.targets.Target.Standing;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TargetsTest {
    private final SampleRun run = new SampleRun();

    @Test
    void holdInAFlawlessRunThatIsFastEnough() {
        assertThat(Targets.of(run.result()))
                .hasSize(13)
                .allSatisfy(target ->
                        assertThat(target.standing()).as(target.name()).isEqualTo(Standing.HOLDS));
    }

    @Test
    void coverS91ToS99() {
        assertThat(Targets.of(run.result()).stream().map(Target::id).distinct())
                .containsExactly("S91", "S92", "S93", "S94", "S95", "S96", "S97", "S98", "S99");
    }

    @Test
    void sayWhatWasNotMeasuredInsteadOfGuessing() {
        List<Target> targets = Targets.of(run.client(ClientFigures.NONE).result());

        assertThat(targets.stream()
                        .filter(target -> target.standing() == Standing.NOT_MEASURED)
                        .map(Target::name))
                .containsExactly(
                        "creation on demand",
                        "adoption of a standby",
                        "creation success",
                        "fallback",
                        "overflow",
                        "buffer processing");
        assertThat(targets)
                .filteredOn(target -> target.standing() == Standing.NOT_MEASURED)
                .allSatisfy(target -> assertThat(target.finding()).isEqualTo("not measured"));
    }

    @Test
    void failOnASlowCreation() {
        run.client(new Figures().creationsNs(List.of(1_000_000L, 6_000_000L)).figures());

        assertMissed("creation on demand", "5.75 ms (2 creations)");
    }

    @Test
    void failOnASlowAdoption() {
        run.client(new Figures()
                .adoptionsNs(List.of(1_000_000L, 1_000_000L, 4_000_000L))
                .figures());

        assertMissed("adoption of a standby", "3.70 ms (3 lame ducks, median 1.00 ms)");
    }

    @Test
    void failOnASwapThatSlowsRequestsDown() {
        run.addedP95(1.5);

        assertMissed("added by a swap", "1.50 ms (2 pairs, 95 % interval 1.50 to 1.50 ms)");
    }

    @Test
    void failOnCreationsThatFailTooOften() {
        run.client(new Figures().creation(50, 1).figures());

        assertMissed("creation success", "98.00 % (49 of 50 attempts)");
    }

    @Test
    void failOnRequestsThatFailInALameDuck() {
        run.answered(9949, 10_000);

        assertMissed("request success in lame duck", "99.49 % (9,949 of 10,000 requests)");
    }

    @Test
    void failOnALameDuckThatTheClientDidNotEscapeWhateverItSaysItself() {
        run.stayedOn("n2");

        assertMissed("zero downtime", "50.00 % (1 of 2 lame ducks; the client says 2)");
    }

    @Test
    void failOnAStandbyThatIsMissingTooLong() {
        run.standby(94, 100);

        assertMissed(
                "standby while a server is replaced",
                "94.00 % (94 of 100 moments, 3.0 s per server; 95.00 % of the whole run)");
    }

    @Test
    void failOnTooManyRequestsInTheBuffer() {
        run.client(new Figures().buffered(200, 0).figures());

        assertMissed("fallback", "5.00 % (200 of 4,000 requests)");
    }

    @Test
    void failOnARequestBufferThatOverflows() {
        run.client(new Figures().buffered(40, 4).figures());

        assertMissed("overflow", "0.10 % (4 of 4,000 requests)");
    }

    @Test
    void failOnRequestsThatTakeTooLongInALameDuck() {
        run.requestP95(4000, 5);

        assertMissed("end to end in lame duck", "5.00 ms (4,000 requests)");
    }

    @Test
    void failOnABufferThatIsEmptiedTooSlowly() {
        run.client(new Figures().longestBufferedMs(50).figures());

        assertMissed("buffer processing", "50.00 ms (40 requests)");
    }

    @Test
    void failOnAnyLoss() {
        run.failed(1, "no reply").lost(2).receivesLost(3);

        assertMissed("zero loss", "6 (requests 1, publishes 2, messages 3)");
    }

    @Test
    void failOnAThreadThatIsLeftBehind() {
        run.defect("left behind: thread x");

        assertMissed("thread safety", "1 (all threads of the run)");
    }

    @Test
    void measureNothingWithoutALameDuck() {
        assertThat(target("end to end in lame duck", run.requestP95(0, 0)).standing())
                .isEqualTo(Standing.NOT_MEASURED);
        assertThat(target("request success in lame duck", run.answered(0, 0)).standing())
                .isEqualTo(Standing.NOT_MEASURED);
        assertThat(target("standby while a server is replaced", run.standby(0, 0))
                        .standing())
                .isEqualTo(Standing.NOT_MEASURED);
    }

    private void assertMissed(String name, String finding) {
        Target target = target(name, run);
        assertThat(target.standing()).isEqualTo(Standing.DOES_NOT_HOLD);
        assertThat(target.finding()).isEqualTo(finding);
    }

    private static Target target(String name, SampleRun run) {
        return Targets.of(run.result()).stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What a client says of itself, one word changed. */
    private static final class Figures {
        private List<Long> adoptionsNs = SampleRun.FIGURES.adoptionsNs();
        private List<Long> creationsNs = SampleRun.FIGURES.creationsNs();
        private OptionalLong attempts = SampleRun.FIGURES.creationAttempts();
        private OptionalLong failures = SampleRun.FIGURES.creationFailures();
        private OptionalLong buffered = SampleRun.FIGURES.requestsBuffered();
        private OptionalLong overflows = SampleRun.FIGURES.bufferOverflows();
        private OptionalDouble longestBufferedMs = SampleRun.FIGURES.longestBufferedMs();

        Figures adoptionsNs(List<Long> ns) {
            adoptionsNs = ns;
            return this;
        }

        Figures creationsNs(List<Long> ns) {
            creationsNs = ns;
            return this;
        }

        Figures creation(long attempted, long failed) {
            attempts = OptionalLong.of(attempted);
            failures = OptionalLong.of(failed);
            return this;
        }

        Figures buffered(long waited, long refused) {
            buffered = OptionalLong.of(waited);
            overflows = OptionalLong.of(refused);
            return this;
        }

        Figures longestBufferedMs(double ms) {
            longestBufferedMs = OptionalDouble.of(ms);
            return this;
        }

        ClientFigures figures() {
            return new ClientFigures(
                    0,
                    OptionalLong.empty(),
                    adoptionsNs,
                    OptionalLong.of(2),
                    attempts,
                    failures,
                    creationsNs,
                    buffered,
                    overflows,
                    longestBufferedMs,
                    List.of());
        }
    }
}
