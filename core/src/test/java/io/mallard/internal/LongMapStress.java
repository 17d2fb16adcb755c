package io.mallard.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** Look-ups without a lock beside writers with one. */
public class LongMapStress {
    /** One so full that the next key makes it rebuild its table. */
    @State
    public static class FullMap {
        static final long FIRST = 100;
        static final long NEXT = FIRST + 12;

        final LongMap<String> map = new LongMap<>();
        volatile boolean put;

        public FullMap() {
            for (long key = FIRST; key < NEXT; key++) {
                map.put(key, "there");
            }
        }
    }

    @JCStressTest
    @Outcome(id = "there, null, there", expect = ACCEPTABLE, desc = "before the new key, or in the middle of it")
    @Outcome(id = "there, there, there", expect = ACCEPTABLE, desc = "after it")
    public static class ALookUpBesideARebuildFindsWhatIsThere {
        @Actor
        public void writer(FullMap full) {
            full.map.put(FullMap.NEXT, "there");
        }

        @Actor
        public void reader(FullMap full, LLL_Result r) {
            r.r1 = full.map.get(FullMap.FIRST);
            r.r2 = full.map.get(FullMap.NEXT);
            r.r3 = full.map.get(FullMap.NEXT - 1);
        }
    }

    @JCStressTest
    @Outcome(id = "not yet", expect = ACCEPTABLE, desc = "not told of it yet")
    @Outcome(id = "there", expect = ACCEPTABLE, desc = "told of it")
    public static class ALookUpAfterAnInsertionFindsIt {
        @Actor
        public void writer(FullMap full) {
            full.map.put(FullMap.NEXT, "there");
            full.put = true;
        }

        @Actor
        public void reader(FullMap full, L_Result r) {
            r.r1 = full.put ? full.map.get(FullMap.NEXT) : "not yet";
        }
    }

    /** One that has nothing yet. */
    @State
    public static class EmptyMap {
        static final long ABSENT = 100;

        final LongMap<String> map = new LongMap<>();
    }

    @JCStressTest
    @Outcome(
            id = "null, null",
            expect = ACCEPTABLE,
            desc = "it was never there, whoever takes the place where it would be")
    public static class ALookUpOfWhatIsNotThereFindsNothingElse {
        @Actor
        public void writer(EmptyMap empty) {
            for (long key = EmptyMap.ABSENT + 1; key <= EmptyMap.ABSENT + 10; key++) {
                empty.map.put(key, "another");
            }
        }

        @Actor
        public void reader(EmptyMap empty, LL_Result r) {
            r.r1 = empty.map.get(EmptyMap.ABSENT);
            r.r2 = empty.map.get(EmptyMap.ABSENT);
        }
    }

    @JCStressTest
    @Outcome(id = "there, null", expect = ACCEPTABLE, desc = "the first one")
    @Outcome(id = "null, there", expect = ACCEPTABLE, desc = "the second one")
    public static class OneOfTwoRemovesGetsIt {
        @Actor
        public void one(FullMap full, LL_Result r) {
            r.r1 = full.map.remove(FullMap.FIRST);
        }

        @Actor
        public void other(FullMap full, LL_Result r) {
            r.r2 = full.map.remove(FullMap.FIRST);
        }
    }

    @JCStressTest
    @Outcome(id = "null, there", expect = ACCEPTABLE, desc = "what is removed does not come back by a rebuild")
    public static class WhatIsRemovedBesideARebuildStaysAway {
        @Actor
        public void writer(FullMap full) {
            full.map.put(FullMap.NEXT, "there");
        }

        @Actor
        public void remover(FullMap full) {
            full.map.remove(FullMap.FIRST);
        }

        @Arbiter
        public void end(FullMap full, LL_Result r) {
            r.r1 = full.map.get(FullMap.FIRST);
            r.r2 = full.map.get(FullMap.NEXT);
        }
    }
}
