/** Mallard: a NATS client whose traffic does not stop when a server does. */
module io.mallard.core {
    requires io.mallard.protocol;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.mallard;
}
