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
    private int episodesWanted = 2;
    private long failed;
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
        return new RunResult(
                episodesWanted,
                List.of(episode("n1", "n2", 3.2), episode("n2", "n1", 7.5)),
                2000,
                failed,
                new Findings(10_000, lost, 0, 0),
                shareSent,
                1.5,
                12.3,
                0,
                0,
                failureReasons,
                Map.of(),
                troubles,
                samples,
                samples,
                IntStream.range(0, (int) failed)
                        .mapToObj(i -> new FailedRequest(i, 2000))
                        .toList(),
                "2.10.27");
    }

    private Episode.Judged episode(String server, String movedTo, double atSeconds) {
        return new Episode.Judged(
                new Episode(
                        server,
                        movedTo,
                        !server.equals(stayedOn),
                        atSeconds,
                        11,
                        20,
                        1000,
                        failed / 2,
                        12.3,
                        new Position(List.of(0)),
                        new Position(List.of(5000))),
                new Findings(5000, lost, 0, 0));
    }
}
