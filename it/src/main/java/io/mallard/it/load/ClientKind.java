package io.mallard.it.load;

import java.util.Locale;

/** The clients that can be put under the load. */
public enum ClientKind {
    MALLARD {
        @Override
        public LoadClient connect(ClientOptions options) {
            return MallardLoadClient.connect(options);
        }
    },
    /** The official Java client: the negative control. */
    JNATS {
        @Override
        public LoadClient connect(ClientOptions options) {
            return JnatsLoadClient.connect(options);
        }
    };

    public abstract LoadClient connect(ClientOptions options);

    /** Whether a client with these options connects to a second server before it needs it. */
    public boolean keepsStandby(ClientOptions options) {
        return this == MALLARD && options.hotSwap().keepsStandby();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
