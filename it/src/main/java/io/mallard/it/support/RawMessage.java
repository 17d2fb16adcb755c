package io.mallard.it.support;

import org.jspecify.annotations.Nullable;

/**
 * One MSG or HMSG as {@link RawNats} read it.
 *
 * <p>Threading: headers and payload are the receiver's own.
 *
 * @param reply the reply subject, or null
 * @param status of the header line, for example 503 when nobody answers a request; 0 when there is none
 * @param headers the block of headers as it came, empty for none
 * @param receivedNs {@link System#nanoTime} when the message had been read
 */
// A carrier: nobody compares two of them.
@SuppressWarnings("ArrayRecordComponent")
public record RawMessage(
        long sid,
        String subject,
        @Nullable String reply,
        int status,
        byte[] headers,
        byte[] payload,
        long receivedNs) {}
