package io.mallard.examples.port;

/**
 * Takes orders on {@code orders.new}, as one of the group {@code orders}: asks {@code stock.reserve}, tells {@code orders.accepted},
 * answers. And keeps up with {@code prices}.
 *
 * <p>Threading: for one thread to stop; the rest is up to the client it is made with.
 */
public interface OrderService {
    /** Returns when every order that was received is answered. */
    void stop();

    /**
     * Who wants to know how the service fares.
     *
     * <p>Threading: prices come one at a time, and so do events; both at once.
     */
    interface Watcher {
        /** A connection has come, gone, or is about to go. */
        void onEvent(String event);

        void onPrice(byte[] price);

        /** Prices are dropped because they are not taken fast enough. */
        void onSlow();
    }
}
