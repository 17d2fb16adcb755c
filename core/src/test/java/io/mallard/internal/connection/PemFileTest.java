package io.mallard.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemFileTest {
    @TempDir
    Path directory;

    @Test
    void aFileOfAnotherKindIsNone() throws Exception {
        assertThat(PemFile.read(write("0\202 BEGIN CERTIFICATE"))).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
            })
    void whatHasNoCertificateToShowIsRefused(String text) throws Exception {
        Path file = write(text);

        assertThatThrownBy(() -> PemFile.read(file)).isInstanceOf(GeneralSecurityException.class);
    }

    private Path write(String text) throws Exception {
        return Files.writeString(directory.resolve("some.pem"), text);
    }
}
