package io.mallard.protocol.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.Random;
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
    TLS_1_3_IN_CRUMBS("TLSv1.3"),
    WEBSOCKET(null),
    WEBSOCKET_OVER_TLS("TLSv1.3"),
    /** A WebSocket over such TLS over such a network. */
    WEBSOCKET_OVER_TLS_IN_CRUMBS("TLSv1.3"),
    HTTP_PROXY(null),
    SOCKS_PROXY(null),
    SOCKS_PROXY_IN_CRUMBS(null);

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

    /** The server's side of a connection that was accepted. */
    Socket farEnd(Socket accepted) {
        return switch (this) {
            case TCP, TLS_1_2, TLS_1_3, TLS_1_3_IN_CRUMBS -> accepted;
            case WEBSOCKET, WEBSOCKET_OVER_TLS, WEBSOCKET_OVER_TLS_IN_CRUMBS -> new WebSocketFarEnd(accepted);
            case HTTP_PROXY -> ProxyFarEnd.http(accepted);
            case SOCKS_PROXY, SOCKS_PROXY_IN_CRUMBS -> ProxyFarEnd.socks(accepted);
        };
    }

    /** On the loop. */
    Transport connect(EventLoop loop, InetSocketAddress address, Transport.Events events, Executor taskExecutor)
            throws IOException, GeneralSecurityException {
        TcpTransport tcp = TcpTransport.connect(loop, address, events);
        return switch (this) {
            case TCP -> tcp;
            case TLS_1_2, TLS_1_3 -> tls(tcp, loop, events, taskExecutor);
            case TLS_1_3_IN_CRUMBS -> tlsInCrumbs(tcp, loop, events, taskExecutor);
            case WEBSOCKET -> webSocket(tcp, events);
            case WEBSOCKET_OVER_TLS -> webSocket(tls(tcp, loop, events, taskExecutor), events);
            case WEBSOCKET_OVER_TLS_IN_CRUMBS -> webSocket(tlsInCrumbs(tcp, loop, events, taskExecutor), events);
            case HTTP_PROXY ->
                OpeningTransport.over(tcp, new HttpConnectOpening("behind.invalid:4222", null, null), events);
            case SOCKS_PROXY -> OpeningTransport.over(tcp, socks(), events);
            case SOCKS_PROXY_IN_CRUMBS ->
                OpeningTransport.over(new CrumblingTransport(tcp, CRUMB_BYTES), socks(), events);
        };
    }

    private TlsTransport tls(Transport lower, EventLoop loop, Transport.Events events, Executor taskExecutor)
            throws GeneralSecurityException {
        return TlsTransport.over(lower, loop, engine(TestCertificate.trustingClient()), events, taskExecutor);
    }

    private TlsTransport tlsInCrumbs(Transport lower, EventLoop loop, Transport.Events events, Executor taskExecutor)
            throws GeneralSecurityException {
        TlsTransport tls = new TlsTransport(
                new CrumblingTransport(lower, CRUMB_BYTES),
                loop,
                engine(TestCertificate.trustingClient()),
                events,
                taskExecutor,
                1);
        lower.events(tls);
        return tls;
    }

    static WebSocketTransport webSocket(Transport lower, Transport.Events events) {
        Random random = new Random(1);
        return WebSocketTransport.over(lower, new WebSocketOpening("127.0.0.1", "/path", random), random, events);
    }

    private static Socks5Opening socks() {
        return new Socks5Opening("behind.invalid", 4222, null, null);
    }

    SSLEngine engine(SSLContext context) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {protocol});
        return engine;
    }
}
