package io.mallard.it.fuzz;

import java.nio.file.Path;

/**
 * The fuzz tests, and where their inputs are kept.
 *
 * <p>Threading: immutable.
 */
enum FuzzTarget {
    PARSER("protocol", "io.mallard.protocol.wire.ProtocolParserFuzzTest", "givesTheSameOutcomeForAnySplit"),
    INFO("protocol", "io.mallard.protocol.wire.ServerInfoFuzzTest", "readsTheSameEachTimeOrRefuses"),
    JWT("protocol", "io.mallard.protocol.wire.JwtClaimsFuzzTest", "readsAnExpiryOrRefuses"),
    UTF8("protocol", "io.mallard.protocol.wire.Utf8FuzzTest", "writesWhatTheJdkWrites"),
    FRAMES("protocol", "io.mallard.protocol.net.WebSocketReaderFuzzTest", "readsTheSameAtAnySplitOrRefuses"),
    OPENINGS("protocol", "io.mallard.protocol.net.OpeningFuzzTest", "grantsOrRefusesTheSameAtAnySplit"),
    HEADERS("core", "io.mallard.HeadersFuzzTest", "readsTheSameEachTimeAndSendsOnWhatItRead"),
    CREDENTIALS("core", "io.mallard.internal.auth.CredentialsFuzzTest", "readsItOrRefusesWithoutRepeatingIt"),
    ERROR_WORDS("core", "io.mallard.internal.connection.PermissionViolationFuzzTest", "understandsTheSameEachTime"),
    ADDRESS("core", "io.mallard.internal.server.ServerAddressFuzzTest", "readsAnAddressThatReadsTheSameAgainOrRefuses");

    final String module;
    final String className;
    private final String method;

    FuzzTarget(String module, String className, String method) {
        this.module = module;
        this.className = className;
        this.method = method;
    }

    String simpleName() {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    /** What every build tries: the directory that the fuzzer's JUnit extension looks for. */
    Path inputs(Path root) {
        return root.resolve(module)
                .resolve("src/test/resources")
                .resolve(className.replace('.', '/') + "Inputs")
                .resolve(method);
    }
}
