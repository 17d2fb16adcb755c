package io.mallard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.TestInfo;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.ForkedTestConfig;
import org.openjdk.jcstress.infra.runners.Runner;
import org.openjdk.jcstress.infra.runners.SpinLoopStyle;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.infra.runners.TestList;
import org.openjdk.jcstress.os.AffinityMode;
import org.openjdk.jcstress.os.NodeType;
import org.openjdk.jcstress.os.SchedulingClass;
import org.openjdk.jcstress.vm.CompileMode;

/**
 * Every {@code *Stress} class for a moment, in this virtual machine as it is: enough to see a race that is lost often.
 * The profile {@code stress} runs them at length, in machines of their own.
 */
class StressTest {
    /** What the command line of jcstress would say. */
    private static final class AMoment extends Options {
        AMoment() {
            super(new String[0]);
        }

        @Override
        public int getTime() {
            return 500; // milliseconds
        }

        @Override
        public int getIterations() {
            return 1;
        }

        /** Few: after so many pairs of actions two threads meet again, and ours drift apart quickly. */
        @Override
        public int getStrideSize() {
            return 16;
        }

        @Override
        public int getStrideCount() {
            return 8;
        }

        @Override
        public int getMaxFootprintMb() {
            return 64;
        }

        /** On a busy machine the other thread may need this one's processor to come to the meeting. */
        @Override
        public SpinLoopStyle getSpinStyle() {
            return SpinLoopStyle.THREAD_YIELD;
        }
    }

    static Collection<String> stressTests() {
        return new TreeSet<>(TestList.tests());
    }

    @ParameterizedTest
    @MethodSource("stressTests")
    @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // Actors that hang are left behind.
    void neverShowsWhatIsForbidden(String name) throws Exception {
        TestConfig config = inThisMachine(TestList.getInfo(name));
        Runner<?> runner = Class.forName(config.generatedRunnerName)
                .asSubclass(Runner.class)
                .getConstructor(ForkedTestConfig.class)
                .newInstance(new ForkedTestConfig(config));

        TestResult result = runner.run();

        assertThat(result.status()).as("%s: %s", name, result.getMessages()).isEqualTo(Status.NORMAL);
        result.setConfig(config);
        assertThat(result.grading().failureMessages)
                .as("%s: %s", name, outcomes(result))
                .isEmpty();
        assertThat(result.getTotalCount()).isPositive();
    }

    private static Map<String, Long> outcomes(TestResult result) {
        return result.getStateKeys().stream().collect(Collectors.toMap(outcome -> outcome, result::getCount));
    }

    private static TestConfig inThisMachine(TestInfo test) {
        SchedulingClass anywhere = new SchedulingClass(AffinityMode.NONE, test.threads(), NodeType.PACKAGE);
        return new TestConfig(new AMoment(), test, 0, List.of(), CompileMode.UNIFIED, anywhere);
    }
}
