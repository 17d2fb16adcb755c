package io.mallard.internal.connection;

import io.mallard.NatsException;
import io.mallard.NatsStatus;
import io.mallard.TlsOptions;
import io.mallard.protocol.wire.ServerInfo;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import org.jspecify.annotations.Nullable;

/**
 * Says why there is no TLS connection, and what to change.
 *
 * <p>Threading: stateless.
 */
final class TlsFailure {
    /** How the JDK says that a certificate is for somebody else. */
    private static final String[] OTHER_NAME = {"No subject alternative", "No name matching"};

    /** How it says that the authority is unknown, where it does not look for it. */
    private static final String NO_CHAIN = "does not chain";

    /** How it says that something else than TLS was received: with a small or a capital U. */
    private static final String NO_TLS = "nrecognized SSL message";

    private TlsFailure() {}

    /** {@code name} is that by which the server is verified; {@code info} is null before there was one. */
    static NatsException explain(Throwable cause, TlsOptions options, String name, @Nullable ServerInfo info) {
        return new NatsException(
                NatsStatus.SSL_ERROR, "no TLS connection: " + reason(cause, options, name, info), cause);
    }

    private static String reason(Throwable cause, TlsOptions options, String name, @Nullable ServerInfo info) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof CertificateExpiredException || each instanceof CertificateNotYetValidException) {
                return "the server's certificate is not valid today (" + each.getMessage() + "); it needs a new one";
            }
        }
        for (Throwable each = cause; each != null; each = each.getCause()) {
            String message = String.valueOf(each.getMessage());
            if (each instanceof CertPathValidatorException && !message.contains(NO_CHAIN)) {
                return "the server's certificate is not accepted: " + message;
            }
            if (each instanceof CertPathValidatorException
                    || (each instanceof CertPathBuilderException && each.getCause() == null)) {
                return "the server's certificate is of no authority that is trusted here, which are those of "
                        + trusted(options) + " (" + message + "); set tlsTrustStore to one that has its authority";
            }
            if (message.startsWith(OTHER_NAME[0]) || message.startsWith(OTHER_NAME[1])) {
                return "the server's certificate is not for " + name + " (" + message
                        + "); connect to a name that is in it, or set tlsAcceptAnyHostName";
            }
            if (message.contains(NO_TLS)) {
                return "the server does not answer in TLS"
                        + (options.first() ? "; if its handshake_first is off, set tlsFirst to false" : "");
            }
        }
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        boolean ofClient = (info != null && info.tlsVerify())
                || (message.contains("Received fatal alert") && message.contains("certificate"));
        return message + (ofClient ? wantsCertificate(options) : "");
    }

    private static String trusted(TlsOptions options) {
        return options.trustStore() != null
                ? "tlsTrustStore=" + options.trustStore()
                : options.context() != null ? "the given context" : "the JDK";
    }

    /** A server that does not like the client's certificate may say so, or just close. */
    private static String wantsCertificate(TlsOptions options) {
        return "; the server verifies the certificate of its clients, "
                + (options.keyStore() != null
                        ? "check that it trusts that of tlsKeyStore=" + options.keyStore()
                        : options.context() != null ? "check that of the given context" : "set tlsKeyStore");
    }
}
