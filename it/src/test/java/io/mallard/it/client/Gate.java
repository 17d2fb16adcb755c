package io.mallard.it.client;

import io.mallard.it.support.Step;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;

/**
 * A step of a scripted server that waits until the test opens it: as long as it is shut, the server is as good as down.
 *
 * <p>Threading: thread-safe.
 */
final class Gate {
    private final CountDownLatch opened = new CountDownLatch(1);

    void open() {
        opened.countDown();
    }

    Step step() {
        return connection -> {
            try {
                opened.await();
            } catch (InterruptedException e) {
                throw new InterruptedIOException("the server was closed");
            }
        };
    }
}
