package io.mallard.internal.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NkeyTest {
    /** Of the documentation of NATS. */
    private static final String SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";

    @Test
    void readsTheBytesOfASeed() {
        assertThat(Nkey.decodeUserSeed(SEED.toCharArray()))
                .isEqualTo(HexFormat.of().parseHex("29497ba00f41dd45936b4cc4bda1decb67c128e69fb3d490ee820daf7c318c0a"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | a seed of 0 characters, must be 58, beginning with SU",
                "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3V"
                        + "| a seed of 57 characters, must be 58, beginning with SU",
                "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
                        + "| a seed of 56 characters, must be 58, beginning with SU",
                "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VZ"
                        + "| a seed with a wrong checksum: a character of it is not right",
                "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ7BFDTJ7M6USDXIEDNPPQYYYCU3VY"
                        + "| a seed with a wrong checksum: a character of it is not right",
                "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3v0"
                        + "| a seed whose character 57 is none of A to Z and 2 to 7"
            })
    void refusesWhatIsNoSeedWithoutRepeatingIt(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Nkey.decodeUserSeed(text.toCharArray()))
                .withMessage(why);
    }

    @ParameterizedTest
    @CsvSource({"112", "0", "128"})
    void refusesTheSeedOfAnybodyElseThanAUser(int whose) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Nkey.decodeUserSeed(NkeyTexts.seed(whose, new byte[32])))
                .withMessage("not the seed of a user, which begins with SU");
    }
}
