package io.mallard.benchmarks.compare;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The server whose clients are measured.
 *
 * <p>Threading: immutable.
 *
 * @param trust who has signed its certificate; null if it speaks in the clear
 */
record Site(String url, @Nullable Trust trust) {
    /** The same authority for whoever reads key stores, and whoever reads PEM. */
    record Trust(Path store, String password, Path pem) {}
}
