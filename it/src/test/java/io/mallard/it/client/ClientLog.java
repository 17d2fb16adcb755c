package io.mallard.it.client;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.mallard.NatsOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Keeps what all clients log under a name while it is open, on every level.
 *
 * <p>Threading: written by any thread, read by anybody; opened and closed by one.
 */
final class ClientLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;

    private ClientLog(Logger logger) {
        this.logger = logger;
    }

    /** Under the default name. */
    static ClientLog open() {
        return open(NatsOptions.DEFAULT_LOGGER_NAME);
    }

    static ClientLog open(String name) {
        ClientLog log = new ClientLog((Logger) LoggerFactory.getLogger(name));
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

    /** Those of some levels alone. */
    List<String> lines(String... levels) {
        return lines.stream()
                .filter(line -> Stream.of(levels).anyMatch(level -> line.startsWith(level + " ")))
                .toList();
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
