package io.mallard.internal.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** A file of credentials, and a seed, that are anything: read, or refused in words that repeat nothing of it. */
class CredentialsFuzzTest {
    @TempDir
    private static Path directory;

    @DictionaryEntries({
        "-----BEGIN NATS USER JWT-----\\x0a",
        "-----BEGIN USER NKEY SEED-----\\x0a",
        "SU",
        "---",
        "\\x0d\\x0a"
    })
    @MethodSource("files")
    @FuzzTest
    void readsItOrRefusesWithoutRepeatingIt(byte[] input) throws IOException {
        Path file = Files.write(directory.resolve("user.creds"), input);
        try (CredentialsFile credentials = CredentialsFile.read(file)) {
            assertThat(new String(input, ISO_8859_1)).contains(credentials.jwt());
            decodeOrRefuse(credentials.seed());
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith(file + " has no ");
        }
        decodeOrRefuse(new String(input, ISO_8859_1).toCharArray());
    }

    private static void decodeOrRefuse(char[] seed) {
        try {
            assertThat(Nkey.decodeUserSeed(seed)).hasSize(Nkey.KEY_BYTES);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).hasSizeLessThan(100);
            if (seed.length > 20) {
                assertThat(e.getMessage()).doesNotContain(new String(seed));
            }
        }
    }

    static Stream<byte[]> files() {
        String seed = "SUAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        return Stream.of(
                        seed,
                        "-----BEGIN NATS USER JWT-----\r\ne30.e30.c2ln\r\n------END NATS USER JWT------\r\n"
                                + "-----BEGIN USER NKEY SEED-----\r\n" + seed
                                + "\r\n------END USER NKEY SEED------\r\n")
                .map(text -> text.getBytes(US_ASCII));
    }
}
