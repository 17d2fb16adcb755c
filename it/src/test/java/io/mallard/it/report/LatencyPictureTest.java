package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.load.LatencyTimeline.Sample;
import io.mallard.it.load.Percentiles;
import io.mallard.it.run.SampleRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class LatencyPictureTest {
    @TempDir
    private Path directory;

    @Test
    void marksTheLameDuckMomentOfEveryEpisodeAtItsTime() throws Exception {
        Document picture = picture(new SampleRun());

        assertThat(texts(picture)).contains("n1 leaves", "n2 leaves");
        // Of 30 s, from 58 to 616: 3.2 s and 7.5 s.
        assertThat(of(picture, "path", "duck"))
                .extracting(path -> path.getAttribute("d"))
                .containsExactly("M117.5 56.0V220.0", "M197.5 56.0V220.0");
    }

    @Test
    void drawsTheWorstOfEachSampleWithAGapWhereThereWasNone() throws Exception {
        List<Sample> samples = IntStream.range(0, 4)
                .mapToObj(
                        i -> new Sample(20 * i, new Percentiles(i == 1 ? 0 : 1, 1, 1, 1, 1, 1, i == 3 ? 10_000 : 100)))
                .toList();

        Document picture = picture(new SampleRun().samples(samples));

        assertThat(of(picture, "path", "worst"))
                .extracting(path -> path.getAttribute("d"))
                .containsExactly("M58.0 121.6M430.0 121.6L616.0 56.0");
    }

    @Test
    void showsWhatFailedAndWhatWasLost() throws Exception {
        Document picture = picture(new SampleRun().failed(3, "no reply").lost(4));

        assertThat(of(picture, "circle", "failed")).hasSize(3);
        assertThat(texts(picture))
                .anySatisfy(text -> assertThat(text).contains(" requests: 3 failed; "))
                .anySatisfy(text -> assertThat(text).contains(" published: 4 lost, 0 repeated; "));
        assertThat(of(picture(new SampleRun()), "circle", "failed")).isEmpty();
    }

    @Test
    void saysWhereItWasTakenAndNeedsNothingFromElsewhere() throws Exception {
        Document picture = picture(new SampleRun());

        assertThat(picture.getElementsByTagName("title").item(0).getTextContent())
                .startsWith("duck & co while ")
                .contains("2.10.27, 2026-01-02")
                .contains("verdict: episodes=2 ");
        assertThat(Files.readString(file()).replace("http://www.w3.org/2000/svg", ""))
                .doesNotContain("//")
                .doesNotContain("@import");
    }

    private Path file() {
        return directory.resolve("deep").resolve("picture.svg");
    }

    /** Well-formed, or this throws. */
    private Document picture(SampleRun run) throws Exception {
        Environment environment = new Environment("2.10.27", LocalDate.of(2026, 1, 2), "demo");
        LatencyPicture.write(file(), "duck & co", Outcome.of(run.result(), environment));
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file().toFile());
    }

    private static List<String> texts(Document picture) {
        return elements(picture, "text").stream().map(Element::getTextContent).toList();
    }

    private static List<Element> of(Document picture, String tag, String name) {
        return elements(picture, tag).stream()
                .filter(element -> element.getAttribute("class").equals(name))
                .toList();
    }

    private static List<Element> elements(Document picture, String tag) {
        return IntStream.range(0, picture.getElementsByTagName(tag).getLength())
                .mapToObj(i -> (Element) picture.getElementsByTagName(tag).item(i))
                .toList();
    }
}
