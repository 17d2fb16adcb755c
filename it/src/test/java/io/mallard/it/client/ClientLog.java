package io.mallard.it.client;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/**
 * Keeps what all clients log while it is open, on every level.
 *
 * <p>Threading: written by any thread, read by anybody; opened and closed by one.
 */
final class ClientLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.mallard.NatsClient");

    private ClientLog() {}

    static ClientLog open() {
        ClientLog log = new ClientLog();
        log.setContext(log.logger.getLoggerContext());
        log.start();
        log.logger.addAppender(log);
        log.logger.setLevel(Level.DEBUG);
        return log;
    }

    /** Each with its level in front. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    protected void append(ILoggingEvent event) {
        lines.add(event.getLevel() + " " + event.getFormattedMessage());
    }

    @Override
    public void close() {
        logger.setLevel(null);
        logger.detachAppender(this);
        stop();
    }
}
