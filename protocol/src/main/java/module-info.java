/** The NATS protocol codec and the non-blocking transports under it; an implementation detail of {@code io.mallard.core}. */
@SuppressWarnings("module") // the qualified exports name a module that is compiled after this one
module io.mallard.protocol {
    requires static org.jspecify;

    exports io.mallard.protocol.net to
            io.mallard.core;
    exports io.mallard.protocol.wire to
            io.mallard.core;
}
