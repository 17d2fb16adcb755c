package io.mallard.internal.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.TlsMode;
import io.mallard.TlsOptions;
import io.mallard.protocol.wire.ServerInfo;
import java.io.EOFException;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** The real ones are in the integration tests; here are those that are hard to bring about, and every remedy. */
class TlsFailureTest {
    private static final Path FILE = Path.of("store.p12");
    private static final TlsOptions WITH_KEY =
            new TlsOptions(TlsMode.AUTOMATIC, false, false, null, null, null, FILE, "secret");
    private static final TlsOptions WITH_CONTEXT =
            new TlsOptions(TlsMode.AUTOMATIC, true, false, () -> null, null, null, null, null);

    private static String said(Throwable cause, TlsOptions options) {
        return said(cause, options, null);
    }

    private static String said(Throwable cause, TlsOptions options, ServerInfo info) {
        NatsException explained = TlsFailure.explain(cause, options, "n1", info);
        assertThat(explained.status()).isEqualTo(NatsStatus.SSL_ERROR);
        assertThat(explained).hasCause(cause);
        return explained.getMessage();
    }

    private static Throwable handshake(Throwable cause) {
        return new SSLHandshakeException("PKIX path validation failed").initCause(cause);
    }

    @Test
    void tellsWhyACertificateIsNotAccepted() {
        assertThat(said(
                        handshake(new CertPathValidatorException(
                                "validity check failed", new CertificateExpiredException("NotAfter: then"))),
                        TlsOptions.DEFAULTS))
                .isEqualTo("no TLS connection: the server's certificate is not valid today (NotAfter: then); "
                        + "it needs a new one");
        assertThat(said(handshake(new CertPathValidatorException("it is revoked")), TlsOptions.DEFAULTS))
                .isEqualTo("no TLS connection: the server's certificate is not accepted: it is revoked");
        assertThat(said(
                        handshake(new CertPathBuilderException("no path", new CertPathValidatorException("weak key"))),
                        TlsOptions.DEFAULTS))
                .isEqualTo("no TLS connection: the server's certificate is not accepted: weak key");
        assertThat(said(handshake(new CertificateException("No name matching n1 found")), TlsOptions.DEFAULTS))
                .contains("is not for n1 (No name matching n1 found); connect to a name that is in it");
    }

    @Test
    void tellsWhoseAuthoritiesAreTrusted() {
        Throwable unknown = handshake(new CertPathBuilderException("no path"));

        assertThat(said(unknown, TlsOptions.DEFAULTS)).contains("those of the JDK (no path); set tlsTrustStore");
        assertThat(said(unknown, WITH_CONTEXT)).contains("those of the given context");
        assertThat(said(
                        handshake(new CertPathValidatorException("Path does not chain with any of the trust anchors")),
                        new TlsOptions(TlsMode.AUTOMATIC, false, false, null, FILE, "secret", null, null)))
                .contains("those of tlsTrustStore=store.p12")
                .doesNotContain("secret");
    }

    @Test
    void tellsWhatTheServerMayMissInTheClient() throws Exception {
        Throwable alert = new SSLHandshakeException("Received fatal alert: bad_certificate");
        byte[] json = "{\"tls_verify\":true}".getBytes(UTF_8);
        ServerInfo verifying = ServerInfo.parse(json, 0, json.length);

        assertThat(said(alert, TlsOptions.DEFAULTS))
                .isEqualTo("no TLS connection: Received fatal alert: bad_certificate; "
                        + "the server verifies the certificate of its clients, set tlsKeyStore");
        assertThat(said(alert, WITH_KEY)).endsWith("check that it trusts that of tlsKeyStore=store.p12");
        assertThat(said(alert, WITH_CONTEXT)).endsWith("check that of the given context");
        assertThat(said(new EOFException("closed"), TlsOptions.DEFAULTS, verifying))
                .endsWith("closed; the server verifies the certificate of its clients, set tlsKeyStore");
    }

    @Test
    void tellsOfAnythingElseAsItIs() {
        assertThat(said(new SSLException("protocol_version"), TlsOptions.DEFAULTS))
                .isEqualTo("no TLS connection: protocol_version");
        assertThat(said(new IllegalStateException(), TlsOptions.DEFAULTS))
                .isEqualTo("no TLS connection: java.lang.IllegalStateException");
        assertThat(said(new SSLException("Unsupported or unrecognized SSL message"), TlsOptions.DEFAULTS))
                .isEqualTo("no TLS connection: the server does not answer in TLS");
        assertThat(said(new SSLException("Unrecognized SSL message, plaintext connection?"), WITH_CONTEXT))
                .endsWith("; if its handshake_first is off, set tlsFirst to false");
    }
}
