package io.mallard.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MainTest {
    private final StringWriter errors = new StringWriter();

    @ParameterizedTest
    @CsvSource({
        "--nodes=1, '--nodes=1, must be 2 to 9'",
        "--rps=0, '--rps=0, must be 1 to 100000'",
        "--rate=-5, '--rate=-5, must be 1 to 100000'",
        "--receive-rate=0, '--receive-rate=0, must be 1 to 100000'",
        "--rounds=0, '--rounds=0, must be 1 to 1000'",
        "--rounds=many, 'Invalid value for option ''--rounds'': ''many'' is not an int'",
        "--rps=abc, 'Invalid value for option ''--rps'': ''abc'' is not an int'",
        "--client=nats.c, expected one of",
        "--nose, Unknown option"
    })
    void beginsWithWhatIsWrongWithAnOption(String option, String message) {
        assertThat(execute("demo", option)).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString().lines().findFirst()).get(STRING).contains(message);
    }

    @ParameterizedTest
    @CsvSource({
        "--nodes=two, 2 to 9",
        "--rps=abc, 1 to 100000",
        "--rate=1.5, 1 to 100000",
        "--receive-rate=x, 1 to 100000",
        "--rounds=many, 1 to 1000"
    })
    void tellsTheBoundsOfANumberToWhoeverGaveNone(String option, String bounds) {
        assertThat(execute("demo", option)).isEqualTo(CommandLine.ExitCode.USAGE);
        String name = option.substring(0, option.indexOf('='));
        assertThat(errors.toString().lines())
                .anySatisfy(line -> assertThat(line).contains(name + "=N").endsWith(bounds));
    }

    @Test
    void refusesToTakeAHotSwapFromAClientWithoutOne() {
        assertThat(execute("demo", "--client=jnats", "--no-hot-swap")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("jnats has no hot swap");
    }

    @ParameterizedTest
    @CsvSource({
        "zero-downtime, --episodes=0, '--episodes=0, must be 1 to 10000'",
        "zero-downtime, --rps=0, '--rps=0, must be 1 to 100000'",
        "zero-downtime, --hot-swap-enabled=maybe, Invalid value for option",
        "stress, --duration=5s, '--duration=5s, must be 20s to 60m'",
        "stress, --duration=61m, '--duration=3660s, must be 20s to 60m'",
        "stress, --duration=soon, '''soon'' is no duration such as 300s, 5m or 90 (seconds)'",
        "stress, --threads=0, '--threads=0, must be 1 to 256'",
        "stress, --rps=0, '--rps=0, must be 1 to 100000'",
        "episodes, --count=0, '--count=0, must be 1 to 10000'",
        "settle, --cutovers=0, '--cutovers=0, must be 1 to 1000000'",
        "settle, --nodes=1, '--nodes=1, must be 2 to 9'",
        "settle, '--settles=5,-1', '--settles=-1, must be 0 to 1000'",
        "settle, '--settles=', 'Invalid value for option'",
        "sizing, --clients=0, '--clients=0, must be 1 to 5000'"
    })
    void saysTheSameOfTheOptionsOfTheOtherCommands(String command, String option, String message) {
        assertThat(execute(command, option)).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString().lines().findFirst()).get(STRING).contains(message);
    }

    @Test
    void wantsACommand() {
        assertThat(execute()).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("Missing required subcommand");
    }

    private int execute(String... arguments) {
        return Main.commandLine().setErr(new PrintWriter(errors, true)).execute(arguments);
    }
}
