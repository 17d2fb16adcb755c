package io.mallard.it.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.NatsClient;
import io.mallard.protocol.net.EventLoop;
import java.io.File;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** A user's module finds everything it needs in what the client brings along: slf4j-api, and no annotations. */
class ModuleConsumerTest {
    @Test
    void aModuleThatRequiresTheClientCompilesWithNothingElse(@TempDir Path directory) throws Exception {
        Path module =
                Files.writeString(directory.resolve("module-info.java"), "module app { requires io.mallard.core; }");
        Path main = Files.writeString(
                Files.createDirectory(directory.resolve("app")).resolve("Main.java"),
                "package app; class Main { void run(io.mallard.NatsClient c) { c.publish(\"a\", null, new byte[0], 0, 0); } }");
        List<String> modules = new ArrayList<>();
        for (Class<?> broughtAlong : List.of(NatsClient.class, EventLoop.class, Logger.class)) {
            modules.add(Path.of(broughtAlong
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "-Xlint:all",
                    "-Werror",
                    "--module-path",
                    String.join(File.pathSeparator, modules),
                    "-d",
                    directory.toString());

            boolean compiled = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjects(module, main))
                    .call();

            assertThat(compiled).as("javac %s said: %s", options, said).isTrue();
        }
    }
}
