package io.mallard.internal.request;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.mallard.RequestOptions;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** Replies, which take no lock, while a caller makes the slots grow. */
public class RequestSlotsStress {
    private static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofSeconds(1));

    @JCStressTest
    @Outcome(
            id = "false, true, true",
            expect = ACCEPTABLE,
            desc = "what is removed is gone from the new slots, too, and the others are there")
    @State
    public static class WhatIsRemovedWhileTheSlotsGrowIsGone {
        private final RequestSlots slots = new RequestSlots();
        private final AsyncRequest answered = added();
        private final AsyncRequest staying = added();
        private final AsyncRequest last = request();

        public WhatIsRemovedWhileTheSlotsGrowIsGone() {
            for (int i = 2; i < 64; i++) {
                added();
            }
        }

        @Actor
        public void caller() {
            slots.add(last);
        }

        @Actor
        public void loop() {
            slots.remove(answered);
        }

        @Arbiter
        public void end(ZZZ_Result r) {
            r.r1 = isThere(answered) || slots.all().contains(answered);
            r.r2 = isThere(staying);
            r.r3 = isThere(last);
        }

        private boolean isThere(AsyncRequest request) {
            return slots.get(PendingRequest.number(request.token)) == request;
        }

        private AsyncRequest added() {
            AsyncRequest request = request();
            slots.add(request);
            return request;
        }
    }

    private static AsyncRequest request() {
        return new AsyncRequest(
                "echo", null, OPTIONS, null, OPTIONS.timeout().toNanos(), 0, unwanted -> {}, Runnable::run);
    }
}
