package io.mallard.internal.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsFileTest {
    private static final String CREDENTIALS = """
            -----BEGIN NATS USER JWT-----
            j.w.t
            ------END NATS USER JWT------

            ************************* IMPORTANT *************************
            NKEY Seed printed below can be used to sign and prove identity.

            -----BEGIN USER NKEY SEED-----
            SUQUACK
            ------END USER NKEY SEED------

            *************************************************************
            """;

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("duck.creds");
    }

    private CredentialsFile read(String text) throws IOException {
        return CredentialsFile.read(Files.writeString(file, text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "  \n\n"})
    void findsJwtAndSeedWhateverEndsALine(String lineEnd) throws IOException {
        try (CredentialsFile credentials = read(CREDENTIALS.replace("\n", lineEnd))) {
            assertThat(credentials.jwt()).isEqualTo("j.w.t");
            assertThat(credentials.seed()).containsExactly("SUQUACK".toCharArray());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUQUACK", "SUQUACK\n", "# of the duck\n  SUQUACK  \nUQUACK\n"})
    void findsASeedAlone(String text) throws IOException {
        try (CredentialsFile credentials = read(text)) {
            assertThat(credentials.seed()).containsExactly("SUQUACK".toCharArray());
        }
    }

    @Test
    void isWipedWhenClosed() throws IOException {
        CredentialsFile credentials = read(CREDENTIALS);
        char[] seed = credentials.seed();

        credentials.close();

        assertThat(seed).containsOnly('\0');
    }

    @Test
    void saysWhatIsMissingInWhichFile() throws IOException {
        try (CredentialsFile credentials = read("quack")) {
            assertThatThrownBy(credentials::jwt)
                    .isInstanceOf(IOException.class)
                    .hasMessage(file + " has no JWT: no line between -----BEGIN NATS USER JWT----- and its end");
            assertThatThrownBy(credentials::seed)
                    .isInstanceOf(IOException.class)
                    .hasMessage(file + " has no seed of a user: no line that begins with SU");
        }
    }

    @Test
    void saysWhichFileThereIsNotAndWhichIsNone() throws IOException {
        assertThatThrownBy(() -> CredentialsFile.read(file))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(file.toString());
        Files.write(file, new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> CredentialsFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " has 1048577 bytes, must be <= 1048576");
    }
}
