package io.mallard.internal.observe;

import io.mallard.HandoverReport;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * What a client tells the JDK's Flight Recorder. Each event is of the moment when what it tells of was over.
 *
 * <p>Threading: each event belongs to whoever makes it.
 */
final class FlightEvents {
    private FlightEvents() {}

    /** What they all have. */
    @Category("Mallard")
    @StackTrace(false)
    abstract static class OfClient extends Event {
        @Label("Client")
        String client = "";
    }

    @Name("mallard.Connect")
    @Label("Connect")
    @Description("An attempt to connect to a server, that has answered or failed")
    static final class Connect extends OfClient {
        @Label("Server")
        String server = "";

        @Label("Took")
        @Timespan(Timespan.NANOSECONDS)
        long took;

        @Label("Failure")
        @Description("Nothing if there is a connection")
        @Nullable
        String failure;

        void set(String address, long tookNs, @Nullable String why) {
            server = address;
            took = tookNs;
            failure = why;
        }
    }

    @Name("mallard.Handover")
    @Label("Handover")
    @Description("The ledger of a move from one server to another one: nothing is left on the old connection")
    static final class Handover extends OfClient {
        @Label("Reason")
        String reason = "";

        @Label("From")
        String from = "";

        @Label("To")
        String to = "";

        @Label("Swap")
        @Description("From the reason to the moment when new traffic went to the other server")
        @Timespan(Timespan.NANOSECONDS)
        long swap;

        @Label("Took")
        @Description("From the reason to the end")
        @Timespan(Timespan.NANOSECONDS)
        long took;

        @Label("Fence")
        @Description("How long a message took from the new server to the old one; -1 if that is not known")
        @Timespan(Timespan.NANOSECONDS)
        long fence;

        @Label("Publishes in Doubt")
        long publishesInDoubt;

        @Label("Publishes Resent")
        long publishesResent;

        @Label("Requests Timed Out")
        long requestsTimedOut;

        @Label("Requests Buffered")
        long requestsBuffered;

        @Label("Requests Refused")
        long requestsRefused;

        @Label("Publishes Refused")
        long publishesRefused;

        @Label("Messages Dropped")
        long messagesDropped;

        @Label("Requests Answered")
        @Description("Replies to requests made since new traffic went to another server")
        long requestsAnswered;

        @Label("First Request Overhead")
        @Description(
                "By how much the first of these took longer than the mean before, in nanoseconds; Long.MIN_VALUE if that is not known")
        long firstRequestOverhead;

        @Label("Mean Request Overhead")
        @Description("The same of all of them")
        long meanRequestOverhead;

        @Label("Duplicates Dropped")
        long duplicatesDropped;

        @Label("Ambiguous")
        long ambiguous;

        @Label("Held over Limit")
        long heldOverLimit;

        @Label("Subscription Gap")
        boolean subscriptionGap;

        @Label("Publish Order Kept")
        boolean publishOrderKept;

        @Label("Without Loss")
        boolean withoutLoss;

        @Label("Exact")
        boolean exact;

        void set(HandoverReport report) {
            reason = report.reason().name();
            from = report.fromUrl();
            to = report.toUrl();
            swap = report.swapNs();
            took = report.totalNs();
            fence = report.fenceNs();
            publishesInDoubt = report.publishesInDoubt();
            publishesResent = report.publishesResent();
            requestsTimedOut = report.requestsTimedOut();
            requestsBuffered = report.cost().requestsBuffered();
            requestsRefused = report.cost().requestsRefused();
            publishesRefused = report.cost().publishesRefused();
            messagesDropped = report.cost().messagesDropped();
            requestsAnswered = report.cost().requestsAnswered();
            firstRequestOverhead = report.cost().firstRequestOverheadNs();
            meanRequestOverhead = report.cost().meanRequestOverheadNs();
            duplicatesDropped = report.duplicatesDropped();
            ambiguous = report.ambiguous();
            heldOverLimit = report.heldOverLimit();
            subscriptionGap = report.subscriptionGap();
            publishOrderKept = report.publishOrderKept();
            withoutLoss = report.isWithoutLoss();
            exact = report.isExact();
        }
    }

    @Name("mallard.BufferedRequest")
    @Label("Buffered Request")
    @Description("A request that no connection could take when it was made has ended")
    static final class BufferedRequest extends OfClient {
        @Label("Subject")
        String subject = "";

        @Label("End")
        String ending = "";

        @Label("Sent")
        @Description("Whether a connection took it at last")
        boolean sent;

        @Label("Took")
        @Description("From when it was made")
        @Timespan(Timespan.NANOSECONDS)
        long took;

        void set(String requested, String how, boolean taken, long tookNs) {
            subject = requested;
            ending = how;
            sent = taken;
            took = tookNs;
        }
    }

    @Name("mallard.SlowConsumer")
    @Label("Slow Consumer")
    @Description("A handler has begun to be too slow, and messages are dropped")
    static final class SlowConsumer extends OfClient {
        @Label("Subject")
        String subject = "";
    }

    @Name("mallard.InDoubt")
    @Label("In Doubt")
    @Description("Publishes of which nobody knows whether they arrived, because their connection was lost")
    static final class InDoubt extends OfClient {
        @Label("Server")
        @Description("The one that was lost; none at the end of the client")
        String server = "";

        @Label("Publishes")
        long publishes;

        void set(String url, long count) {
            server = url;
            publishes = count;
        }
    }

    @Name("mallard.LongLoopTurn")
    @Label("Long Loop Turn")
    @Description("Everybody's messages have waited for 10 ms or more, because the event loop was busy, or not run")
    static final class LongLoopTurn extends OfClient {
        @Label("Took")
        @Timespan(Timespan.NANOSECONDS)
        long took;
    }
}
