package io.mallard.it.run;

import io.mallard.HandoverCost;
import io.mallard.HandoverReason;
import io.mallard.HandoverReport;
import io.mallard.it.judge.DeliveryLedger.Position;
import io.mallard.it.judge.Findings;
import io.mallard.it.load.ClientFigures;
import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.Percentiles;
import io.mallard.it.run.Latencies.Split;
import io.mallard.it.run.SwapCost.Measure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The result of a flawless run of two episodes that reaches every target, to be given flaws. */
public final class SampleRun {
    /** Of a client that counts everything. */
    public static final ClientFigures FIGURES = new ClientFigures(
            0,
            OptionalLong.of(400_000),
            List.of(300_000L, 400_000L),
            OptionalLong.of(2),
            OptionalLong.of(5),
            OptionalLong.of(0),
            List.of(3_000_000L),
            OptionalLong.of(40),
            OptionalLong.of(0),
            OptionalDouble.of(12.5),
            List.of(ledger("n1", "n2"), ledger("n2", "n3")));

    private static HandoverReport ledger(String from, String to) {
        return new HandoverReport(
                HandoverReason.LAME_DUCK,
                from,
                to,
                350_000,
                400_000_000,
                250_000,
                0,
                0,
                0,
                1_234,
                0,
                0,
                false,
                true,
                HandoverCost.NONE);
    }

    private final List<String> troubles = new ArrayList<>();
    private final Map<String, Long> failureReasons = new TreeMap<>();
    private final Map<String, Long> refusalReasons = new TreeMap<>();
    private List<Sample> samples = IntStream.range(0, 100)
            .mapToObj(i ->
                    new Sample(i / 10.0, new Percentiles(i == 10 ? 0 : 100, 0.4, 0.8, 1, 1.2, 1.8, i == 42 ? 12.3 : 2)))
            .toList();
    private int episodesWanted = 2;
    private long failed;
    private long executedTwice;
    private Findings publishes = Findings.NONE;
    private Findings receives = Findings.NONE;
    private double shareSent = 1;
    private String stayedOn = "";
    private final List<String> defects = new ArrayList<>();
    private ClientFigures client = FIGURES;
    private Percentiles inLameDuck = latencies(4000, 4.1);
    private double p95AddedMs = 0.5;
    private Share answered = new Share(4000, 4000);
    private Share standby = new Share(99, 100);

    /** Of requests, deliveries and receives alike. */
    public SampleRun samples(List<Sample> all) {
        samples = all;
        return this;
    }

    public SampleRun episodesWanted(int count) {
        episodesWanted = count;
        return this;
    }

    public SampleRun failed(long count, String reason) {
        failed = count;
        failureReasons.put(reason, count);
        return this;
    }

    public SampleRun executedTwice(long count) {
        executedTwice = count;
        return this;
    }

    public SampleRun refused(long count, String reason) {
        publishes = publishes.plus(new Findings(0, count, 0, 0, 0));
        refusalReasons.put(reason, count);
        return this;
    }

    public SampleRun lost(long count) {
        publishes = publishes.plus(new Findings(0, 0, count, 0, 0));
        return this;
    }

    public SampleRun duplicated(long count) {
        publishes = publishes.plus(new Findings(0, 0, 0, count, 0));
        return this;
    }

    public SampleRun reordered(long count) {
        publishes = publishes.plus(new Findings(0, 0, 0, 0, count));
        return this;
    }

    public SampleRun receivesLost(long count) {
        receives = receives.plus(new Findings(0, 0, count, 0, 0));
        return this;
    }

    public SampleRun receivesDuplicated(long count) {
        receives = receives.plus(new Findings(0, 0, 0, count, 0));
        return this;
    }

    public SampleRun receivesReordered(long count) {
        receives = receives.plus(new Findings(0, 0, 0, 0, count));
        return this;
    }

    public SampleRun shareSent(double share) {
        shareSent = share;
        return this;
    }

    public SampleRun stayedOn(String server) {
        stayedOn = server;
        return this;
    }

    public SampleRun trouble(String sentence) {
        troubles.add(sentence);
        return this;
    }

    public SampleRun defect(String sentence) {
        defects.add(sentence);
        return this;
    }

    public SampleRun client(ClientFigures figures) {
        client = figures;
        return this;
    }

    /** In lame ducks. */
    public SampleRun requestP95(long count, double ms) {
        inLameDuck = latencies(count, ms);
        return this;
    }

    public SampleRun addedP95(double ms) {
        p95AddedMs = ms;
        return this;
    }

    /** In lame ducks. */
    public SampleRun answered(long part, long of) {
        answered = new Share(part, of);
        return this;
    }

    /** While a server was replaced. */
    public SampleRun standby(long part, long of) {
        standby = new Share(part, of);
        return this;
    }

    public RunResult result() {
        Stretch warmUp = stretch(100, 85.2, 500, 600);
        Stretch first = stretch(900, 12.3, 4500, 5400);
        Stretch second = stretch(950, 2, 4750, 5700);
        // The flaws are where no episode is: they have to show all the same.
        Stretch flawed = new Stretch(0, failed, 0, publishes, receives);
        Stretch rest = stretch(50, 2, 250, 300).plus(flawed);
        Split split = new Split(latencies(1600, 2.5), inLameDuck, latencies(2000, 2.5));
        return new RunResult(
                episodesWanted,
                stretch(2000, 85.2, 10_000, 12_000).plus(flawed),
                warmUp,
                List.of(new Episode.Judged(episode(0), first), new Episode.Judged(episode(1), second)),
                rest,
                shareSent,
                1.5,
                client,
                executedTwice,
                failureReasons,
                refusalReasons,
                troubles,
                defects,
                samples,
                samples,
                samples,
                new Latencies(split, split, split),
                new SwapCost(List.of(
                        new Measure("request, p95, ms added", Spread.of(DoubleStream.of(p95AddedMs, p95AddedMs))),
                        new Measure("request, p99, ms added", Spread.of(DoubleStream.of(0.25, 0.5, 1))))),
                answered,
                standby,
                new Share(190, 200),
                IntStream.range(0, (int) failed)
                        .mapToObj(i -> new FailedRequest(i, 2000))
                        .toList(),
                "2.10.27");
    }

    /** An episode of the run with the flaws the run was given. */
    public Episode.Judged flawedEpisode(int index) {
        return new Episode.Judged(
                episode(index), stretch(900, 12.3, 4500, 5400).plus(new Stretch(0, failed, 0, publishes, receives)));
    }

    private Episode episode(int index) {
        String server = index == 0 ? "n1" : "n2";
        double atSeconds = index == 0 ? 3.2 : 7.5;
        // Where it began and ended was needed to judge it, and is not any more.
        Mark mark = new Mark(atSeconds, 0, 0, new Position(List.of()), new Position(List.of()));
        return new Episode(
                server,
                index == 0 ? "n2" : "n1",
                !server.equals(stayedOn),
                atSeconds,
                atSeconds + 2,
                atSeconds + 3,
                OptionalDouble.of(atSeconds + 1.2),
                11,
                20,
                OptionalLong.empty(),
                mark,
                mark);
    }

    private static Percentiles latencies(long count, double p95Ms) {
        return new Percentiles(count, 0.4, 0.8, p95Ms, 6.5, 9.25, 12.3);
    }

    private static Stretch stretch(long requests, double worstMs, long published, long sent) {
        return new Stretch(requests, 0, worstMs, new Findings(published, 0, 0, 0, 0), new Findings(sent, 0, 0, 0, 0));
    }
}
