package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerVersionTest {
    @ParameterizedTest
    @CsvSource({
        "2.10.27, 2, true",
        "2.10.27, 2.10, true",
        "2.10.27, 2.10.27, true",
        "2.10.27, 2.1, false",
        "2.10.27, 2.10.2, false",
        "2.1.0, 2.10, false",
        "2.15.0-dev, 2.15, true"
    })
    void matchesAPrefixByWholeComponents(String version, String prefix, boolean matches) {
        assertThat(new ServerVersion(version).hasPrefix(prefix)).isEqualTo(matches);
    }

    @Test
    void ordersByNumberAndNotByDigit() {
        List<ServerVersion> versions =
                List.of(new ServerVersion("2.10.27"), new ServerVersion("2.9.10"), new ServerVersion("2.10.3"));

        assertThat(versions.stream().sorted().map(ServerVersion::text)).containsExactly("2.9.10", "2.10.3", "2.10.27");
    }

    @Test
    void refusesWhatIsNoVersion() {
        assertThatThrownBy(() -> new ServerVersion("latest")).hasMessageContaining("latest");
    }
}
