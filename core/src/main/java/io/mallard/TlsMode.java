package io.mallard;

/**
 * When a connection is encrypted. What a server says of TLS in its INFO comes in the clear, so only {@link #REQUIRED}
 * holds against somebody who can change what is on its way.
 */
public enum TlsMode {
    /** Never: a server that requires TLS is refused. */
    OFF,
    /**
     * As {@link #REQUIRED} when a context, a store or TLS first is set; otherwise when the server requires it, with what
     * the JDK trusts.
     */
    AUTOMATIC,
    /** When the server requires it or takes it. */
    AVAILABLE,
    /** Always: a server without TLS is refused. {@code tls://} in the URL of any server means the same for all of them. */
    REQUIRED
}
