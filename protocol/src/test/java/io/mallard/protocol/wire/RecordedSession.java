package io.mallard.protocol.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * What a real server sent to a real client; README.md beside the file tells how it was recorded.
 */
final class RecordedSession {
    private RecordedSession() {}

    static byte[] bytes() {
        try (InputStream in = RecordedSession.class.getResourceAsStream("session.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
