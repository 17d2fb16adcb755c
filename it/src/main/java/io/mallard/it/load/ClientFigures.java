package io.mallard.it.load;

import io.mallard.HandoverReport;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a client says of itself. What it does not count is empty, which is not the same as 0.
 *
 * <p>Threading: immutable.
 *
 * @param publishesInDoubt accepted publishes of which it does not know whether they arrived
 * @param lastSwapNs of the last handover, from its reason to the stored route
 * @param adoptionsNs the same of every lame duck, from the announcement to the route through the standby
 * @param lameDucksWithoutLoss those whose ledger says that nothing was lost
 * @param creationAttempts leaving servers that a standby was to take over from
 * @param creationFailures those of them for which there was none
 * @param creationsNs how long it took to have one when traffic needed it at once
 * @param requestsBuffered requests that waited in the request buffer
 * @param bufferOverflows requests that a full request buffer refused
 * @param longestBufferedMs the longest time that one waited there
 * @param ledgers of its lame ducks, in the order in which they were over
 */
public record ClientFigures(
        long publishesInDoubt,
        OptionalLong lastSwapNs,
        List<Long> adoptionsNs,
        OptionalLong lameDucksWithoutLoss,
        OptionalLong creationAttempts,
        OptionalLong creationFailures,
        List<Long> creationsNs,
        OptionalLong requestsBuffered,
        OptionalLong bufferOverflows,
        OptionalDouble longestBufferedMs,
        List<HandoverReport> ledgers) {
    /** Those of a client that counts nothing. */
    public static final ClientFigures NONE = new ClientFigures(
            0,
            OptionalLong.empty(),
            List.of(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            List.of(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalDouble.empty(),
            List.of());
}
