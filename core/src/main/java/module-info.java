/** Mallard: a NATS client whose traffic does not stop when a server does. */
@SuppressWarnings("requires-automatic") // Micrometer has no module descriptor
module io.mallard.core {
    requires io.mallard.protocol;
    requires jdk.jfr;
    requires org.slf4j;
    requires static micrometer.core;
    requires static org.jspecify;

    exports io.mallard;
    exports io.mallard.micrometer;
    exports io.mallard.rpc;
}
