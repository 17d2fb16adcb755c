package io.mallard.it.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class LeakDetectorTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(10);

    @Test
    void isContentWhenEverythingIsGone() throws Exception {
        LeakDetector detector = LeakDetector.start();
        try (ServerSocket listener = listener();
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            assertThat(client.isConnected()).isTrue();
        }
        Thread thread = new Thread(() -> {}, "short-lived");
        thread.start();
        thread.join();

        assertThatCode(() -> LeakCheck.requireNoLeak(detector, LONG)).doesNotThrowAnyException();
    }

    @Test
    void namesALeakedThread() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Thread leaked = new Thread(() -> assertThatCode(end::await).doesNotThrowAnyException(), "the-leaked-thread");
        LeakDetector detector = LeakDetector.start();
        leaked.start();
        try {
            assertThatThrownBy(() -> LeakCheck.requireNoLeak(detector, SHORT))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("thread the-leaked-thread");
        } finally {
            end.countDown();
            leaked.join();
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux lists the sockets of a process in /proc")
    void namesALeakedSocket() throws IOException {
        LeakDetector detector = LeakDetector.start();
        try (ServerSocket listener = listener();
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            assertThatThrownBy(() -> LeakCheck.requireNoLeak(detector, SHORT))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("listening on " + listener.getLocalPort())
                    .hasMessageContaining("from " + client.getLocalPort() + " to " + listener.getLocalPort());
        }
    }

    @Test
    void toleratesWhatWasThereBefore() throws IOException {
        try (ServerSocket listener = listener()) {
            LeakDetector detector = LeakDetector.start();

            assertThatCode(() -> LeakCheck.requireNoLeak(detector, SHORT)).doesNotThrowAnyException();
            assertThat(listener.isBound()).isTrue();
        }
    }

    @Test
    void reportsAnExceptionThatNobodyCaught() throws InterruptedException {
        LeakDetector detector = LeakDetector.start();
        Thread thread = new Thread(
                () -> {
                    throw new IllegalStateException("boom");
                },
                "the-failing-thread");
        thread.start();
        thread.join();

        assertThatThrownBy(() -> LeakCheck.requireNoLeak(detector, LONG))
                .isInstanceOf(AssertionError.class)
                .satisfies(error -> assertThat(error.getSuppressed()[0])
                        .hasMessageContaining("the-failing-thread")
                        .hasRootCauseMessage("boom"));
    }

    private static ServerSocket listener() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }
}
