package io.mallard.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DependableExecutorTest {
    @Test
    void givesTheTaskToTheGivenExecutor() {
        List<Runnable> given = new ArrayList<>();
        Runnable task = () -> {};

        new DependableExecutor(given::add, refused -> {
                    throw new IllegalStateException("no other thread is needed");
                })
                .execute(task);

        assertThat(given).containsExactly(task);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTaskTheGivenExecutorRefusesRunsOnAnotherThreadThanTheCallers(boolean saturated) throws Exception {
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        DependableExecutor executor = new DependableExecutor(
                refused -> {
                    if (saturated) {
                        throw new RejectedExecutionException("saturated");
                    }
                    throw new OutOfMemoryError("unable to create a thread, as a test says");
                },
                task -> new Thread(task, "stand-in"));

        executor.execute(() -> ran.complete(Thread.currentThread()));

        Thread standIn = ran.get(10, TimeUnit.SECONDS);
        assertThat(standIn.getName()).isEqualTo("stand-in");
        standIn.join();
    }
}
