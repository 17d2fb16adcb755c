package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger.Position;
import io.mallard.it.judge.Findings;
import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.LatencyTimeline.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The result of a flawless run of two episodes, to be given flaws. */
public final class SampleRun {
    private final List<String> troubles = new ArrayList<>();
    private final Map<String, Long> failureReasons = new TreeMap<>();
    private final Map<String, Long> refusalReasons = new TreeMap<>();
    private int episodesWanted = 2;
    private long failed;
    private long refused;
    private long lost;
    private double shareSent = 1;
    private String stayedOn = "";

    public SampleRun episodesWanted(int count) {
        episodesWanted = count;
        return this;
    }

    public SampleRun failed(long count, String reason) {
        failed = count;
        failureReasons.put(reason, count);
        return this;
    }

    public SampleRun refused(long count, String reason) {
        refused = count;
        refusalReasons.put(reason, count);
        return this;
    }

    public SampleRun lost(long count) {
        lost = count;
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

    public RunResult result() {
        List<Sample> samples = IntStream.range(0, 100)
                .mapToObj(i -> new Sample(i / 10.0, i == 10 ? 0 : 100, 0.4, 1.2, i == 42 ? 12.3 : 2))
                .toList();
        Stretch warmUp = new Stretch(100, 0, 85.2, new Findings(500, 0, 0, 0, 0));
        Stretch first = new Stretch(900, 0, 12.3, new Findings(4500, 0, 0, 0, 0));
        Stretch second = new Stretch(950, 0, 2, new Findings(4750, 0, 0, 0, 0));
        // The flaws are where no episode is: they have to show all the same.
        Stretch rest = new Stretch(50, failed, 2, new Findings(250, refused, lost, 0, 0));
        return new RunResult(
                episodesWanted,
                new Stretch(2000, failed, 85.2, new Findings(10_000, refused, lost, 0, 0)),
                warmUp,
                List.of(episode("n1", "n2", 3.2, first), episode("n2", "n1", 7.5, second)),
                rest,
                shareSent,
                1.5,
                0,
                0,
                failureReasons,
                refusalReasons,
                troubles,
                samples,
                samples,
                IntStream.range(0, (int) failed)
                        .mapToObj(i -> new FailedRequest(i, 2000))
                        .toList(),
                "2.10.27");
    }

    private Episode.Judged episode(String server, String movedTo, double atSeconds, Stretch stretch) {
        // Where it began and ended was needed to judge it, and is not any more.
        Mark mark = new Mark(atSeconds, 0, 0, new Position(List.of()));
        return new Episode.Judged(
                new Episode(server, movedTo, !server.equals(stayedOn), atSeconds, 11, 20, mark, mark), stretch);
    }
}
