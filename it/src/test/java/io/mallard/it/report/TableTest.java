package io.mallard.it.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table =
            new Table(List.of("what", "n"), List.of(List.of("a|b", "7"), List.of("longer", "1000")));

    @Test
    void linesUpItsColumnsOnATerminal() {
        assertThat(table.text()).isEqualTo("what       n\na|b        7\nlonger  1000");
    }

    @Test
    void isATableInMarkdownWhateverIsInACell() {
        assertThat(table.markdown()).isEqualTo("| what | n |\n|---|---:|\n| a\\|b | 7 |\n| longer | 1000 |");
    }

    @Test
    void beginsEveryColumnOfWordsOnTheLeft() {
        Table words =
                new Table(List.of("", "what", "n"), List.of(List.of("S9", "a", "7"), List.of("S10", "bcdef", "10")), 2);

        assertThat(words.text()).isEqualTo("     what    n\nS9   a       7\nS10  bcdef  10");
        assertThat(words.markdown()).contains("|---|---|---:|");
    }

    @Test
    void refusesARowThatHasNotOneCellPerHeader() {
        assertThatThrownBy(() -> new Table(List.of("a", "b"), List.of(List.of("1"))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
