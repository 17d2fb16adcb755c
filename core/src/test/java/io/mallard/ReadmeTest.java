package io.mallard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What users read is what the code does. */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\| ([^|]+) \\|");

    @Test
    void namesEveryOptionWithItsDefault() throws IOException {
        String section = Files.readString(README).split("\n## Options\n", 2)[1].split("\n## ", 2)[0];
        Map<String, String> written = new LinkedHashMap<>();
        for (Matcher row = ROW.matcher(section); row.find(); ) {
            written.put(row.group(1), row.group(2));
        }

        Map<String, String> said = TextOption.say(NatsOptions.builder().build());
        Map<String, String> inCode = new LinkedHashMap<>();
        for (TextOption<?> option : TextOption.ALL) {
            String text = said.getOrDefault(option.name(), "");
            inCode.put(option.name(), text.isEmpty() ? "none" : text);
        }
        inCode.put("seed", "random");
        assertThat(written).containsExactlyEntriesOf(inCode);
    }
}
