package io.mallard.protocol.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executor;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;

/** The transports that must look the same from above, and the blocking server each of them talks to. */
enum Link {
    TCP(null),
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3"),
    /** TLS over a network that moves a few bytes at a time, with buffers that have to grow first. */
    TLS_1_3_IN_CRUMBS("TLSv1.3");

    static final int[] CRUMB_BYTES = {1, 2, 5, 700, 20_000};

    private final String protocol;

    Link(String protocol) {
        this.protocol = protocol;
    }

    /** A listening socket on loopback. */
    ServerSocket listen() throws IOException, GeneralSecurityException {
        return listen(128 << 10);
    }

    /** A listening socket on loopback whose connections have so much room to receive. */
    ServerSocket listen(int receiveBufferBytes) throws IOException, GeneralSecurityException {
        ServerSocketFactory factory = protocol == null
                ? ServerSocketFactory.getDefault()
                : TestCertificate.server().getServerSocketFactory();
        ServerSocket server = factory.createServerSocket();
        server.setReceiveBufferSize(receiveBufferBytes);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        if (server instanceof SSLServerSocket tls) {
            tls.setEnabledProtocols(new String[] {protocol});
        }
        return server;
    }

    /** On the loop. */
    Transport connect(EventLoop loop, InetSocketAddress address, Transport.Events events, Executor taskExecutor)
            throws IOException, GeneralSecurityException {
        TcpTransport tcp = TcpTransport.connect(loop, address, events);
        return switch (this) {
            case TCP -> tcp;
            case TLS_1_2, TLS_1_3 ->
                TlsTransport.over(tcp, loop, engine(TestCertificate.trustingClient()), events, taskExecutor);
            case TLS_1_3_IN_CRUMBS -> {
                CrumblingTransport crumbs = new CrumblingTransport(tcp, CRUMB_BYTES);
                TlsTransport tls = new TlsTransport(
                        crumbs, loop, engine(TestCertificate.trustingClient()), events, taskExecutor, 1);
                tcp.events(tls);
                yield tls;
            }
        };
    }

    SSLEngine engine(SSLContext context) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {protocol});
        return engine;
    }
}
