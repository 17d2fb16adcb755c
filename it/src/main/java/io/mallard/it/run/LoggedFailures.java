package io.mallard.it.run;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/**
 * Exceptions that Mallard caught where it can do no more than to log them: as much a defect as those that nobody caught.
 *
 * <p>Threading: written by any thread, read by anybody; opened and closed by one.
 */
public final class LoggedFailures extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.mallard");
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    private LoggedFailures() {}

    public static LoggedFailures open() {
        LoggedFailures failures = new LoggedFailures();
        failures.setContext(failures.logger.getLoggerContext());
        failures.start();
        failures.logger.addAppender(failures);
        return failures;
    }

    public List<String> all() {
        return List.copyOf(failures);
    }

    @Override
    protected void append(ILoggingEvent event) {
        IThrowableProxy exception = event.getThrowableProxy();
        // An error without one is something that Mallard tells its operator, and no surprise to itself.
        if (exception != null && event.getLevel().isGreaterOrEqual(Level.ERROR)) {
            failures.add("logged: " + event.getFormattedMessage() + ": " + exception.getClassName() + ": "
                    + exception.getMessage());
        }
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        stop();
    }
}
