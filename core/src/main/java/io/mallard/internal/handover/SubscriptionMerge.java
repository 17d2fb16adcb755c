package io.mallard.internal.handover;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes one stream of two that overlap: each message once, in the order of the leading stream, then in that of the
 * following one.
 *
 * <pre>
 *   leading   (A)  1 2 3 4 5 6 7 |                 delivered as it comes; ends with the PONG behind UNSUB
 *   following (B)        4 5 6 7 8 9 10 …           held; a copy of what A delivers is dropped
 *   out            1 2 3 4 5 6 7   8 9 10 …
 * </pre>
 *
 * <p>Core NATS messages carry no id, so copies are recognised by content, as they arrive: whichever copy comes first is
 * remembered (a copy on A leaves a <em>mark</em>, one on B is <em>held</em>), the other one finds it. Until half an overlap
 * before A ends, A has what B has, and content that occurs once matches at any age. From then on, what A has had since half an
 * overlap after B's answer is <em>settled</em>: its copy is under way, and waited for. An older mark may be of what
 * only A had, and what looks the same on B a new message: the two are a whole overlap apart, so it matches over half of one. Content
 * that repeats may match only within the skew of the two paths, which is learned from what occurs once. Repetitions closer than
 * that are ambiguous: nobody can tell a copy from the next message. They are delivered, and counted, and so is what comes
 * while a settled copy is owed that is too late to be recognised.
 *
 * <p>Threading: owned by the event loop.
 *
 * @param <M> a message; the merge needs its content as a 64-bit hash, and its size
 */
public final class SubscriptionMerge<M> {
    /** What can be told of a merge when it is over. */
    record Counts(long duplicatesDropped, long ambiguous, long heldOverLimit) {
        static final Counts NONE = new Counts(0, 0, 0);
    }

    private enum Phase {
        /**
         * The following stream has not been asked for. Of what comes now it has a copy only if its server has that for others, and
         * is late with it.
         */
        ALONE,
        /** What the following stream has, the leading one will have had before it ends. */
        BOTH,
        /** The leading stream is about to end: what the following one has now it may not have. */
        PARTING,
        ENDED
    }

    /** A copy may be that late behind the end of the leading stream: a server that stood still for a moment. */
    private static final long LATEST_COPY_NS = TimeUnit.SECONDS.toNanos(1);

    /** About what a mark needs, with all that is known of its content. */
    private static final int MARK_BYTES = 200;

    private static final int LEAST_MARKED_BYTES = 1 << 20;
    private static final long SWEEP_WITHOUT_OVERLAP_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Everything known of one content. */
    private static final class Content<M> {
        /** When copies arrived on the leading stream that the following one has not matched. */
        final ArrayDeque<Long> marksNs = new ArrayDeque<>(2);

        final ArrayDeque<Held<M>> held = new ArrayDeque<>(2);
        final long sid;
        int leading;
        int following;
        long lastLeadingNs;
        long lastSeenNs;
        long closestNs = Long.MAX_VALUE;
        /** How far apart its two copies were, while it is unique. */
        long skewNs;
        /** Copies that the following stream owes: of what the leading one has had since it is settled that both have it. */
        int owed;
        /** Copies that it may owe: of what came before that, after it was asked, and is too old to be matched. */
        int perhapsOwed;

        Content(long sid) {
            this.sid = sid;
        }

        boolean isUnique() {
            return leading <= 1 && following <= 1;
        }
    }

    /** What an unmatched copy of the following stream may be. */
    private enum Debt {
        NONE,
        PERHAPS,
        OWED
    }

    private static final class Held<M> {
        final M message;
        final Content<M> content;
        final int bytes;
        final long arrivedNs;
        /** What it pays if it is a copy that came too late to be recognised. */
        final Debt pays;
        /** The leading stream has delivered it, or an earlier one that looks the same. */
        boolean matched;

        Held(M message, Content<M> content, int bytes, long arrivedNs, Debt pays) {
            this.message = message;
            this.content = content;
            this.bytes = bytes;
            this.arrivedNs = arrivedNs;
            this.pays = pays;
        }
    }

    private final long maxHeldBytes;
    private final Consumer<M> out;

    private final Map<Long, Content<M>> contents = new HashMap<>();
    /** Of subscriptions that have ended: nothing of them comes here any more. */
    private final Set<Long> unsubscribed = new HashSet<>();
    /** In the order of arrival. */
    private final Set<Held<M>> held = new LinkedHashSet<>();
    /** Those of them that are matched, but perhaps with the copy of another message that looks the same. */
    private final Queue<Held<M>> unsure = new ArrayDeque<>();

    private long uniqueLimitNs;
    private long firstSkewBoundNs;
    private long heldBytes;
    private long markCount;
    private long skewBoundNs;
    private long nextSweepNs;
    private Phase phase = Phase.ALONE;
    /** When the following stream was asked for, unless it was not. */
    private long askedNs;
    /** The following stream is known to come, since then. */
    private boolean answered;

    private long answeredNs;
    /** Once the leading stream has ended. */
    private long endedNs;

    private long overNs;

    private long duplicatesDropped;
    private long ambiguous;
    private long heldOverLimit;

    /**
     * @param overlapNs how long both streams run
     * @param firstSkewBoundNs how far apart the two copies of a message may be, until something better is known
     */
    public SubscriptionMerge(long overlapNs, long firstSkewBoundNs, long maxHeldBytes, Consumer<M> out, long nowNs) {
        this.nextSweepNs = nowNs;
        this.uniqueLimitNs = overlapNs / 2;
        this.firstSkewBoundNs = firstSkewBoundNs;
        this.skewBoundNs = bound(firstSkewBoundNs);
        this.maxHeldBytes = maxHeldBytes;
        this.out = out;
    }

    /** The following stream is about to be asked for; perhaps once more, from somewhere else. */
    public void onFollowingAsked(long nowNs) {
        if (phase == Phase.ALONE) {
            phase = Phase.BOTH;
            askedNs = nowNs;
        }
    }

    /** Its server has answered: from now on, or a little later where servers are far away, it has what the leading one has. */
    void onFollowingAnswered(long nowNs) {
        if (phase == Phase.BOTH && !answered) {
            answered = true;
            answeredNs = nowNs;
        }
    }

    /** The following stream has broken off: copies of what the leading one has had do not come any more. */
    void onFollowingLost() {
        if (phase != Phase.ENDED) {
            phase = Phase.ALONE;
        }
        answered = false;
        for (Content<M> content : contents.values()) {
            content.marksNs.clear();
            content.owed = 0;
            content.perhapsOwed = 0;
        }
        markCount = 0;
    }

    /** In half an overlap the leading stream may end. */
    void onParting() {
        if (phase == Phase.BOTH) {
            phase = Phase.PARTING;
        }
    }

    /** Nothing more comes of that subscription. */
    void onUnsubscribed(long sid) {
        unsubscribed.add(sid);
    }

    /** A message of the leading stream: always delivered. */
    public void onLeading(long hash, long sid, M message, long nowNs) {
        Content<M> content = contents.computeIfAbsent(hash, unseen -> new Content<>(sid));
        boolean wasUnique = content.isUnique();
        if (content.leading++ > 0) {
            content.closestNs = Math.min(content.closestNs, nowNs - content.lastLeadingNs);
        }
        if (!content.isUnique()) {
            onRepeated(content, wasUnique);
        }
        content.lastLeadingNs = nowNs;
        content.lastSeenNs = nowNs;
        Held<M> copy = matchingCopy(content, nowNs);
        if (copy == null) {
            forgetOldMarks(content, nowNs);
            mark(content, nowNs);
            content.owed += isSettled(nowNs) ? 1 : 0;
        } else {
            content.held.remove(copy);
            if (!wasUnique) {
                incur(content, copy.pays); // It was not late, so that is open again.
            }
            match(copy, nowNs - copy.arrivedNs);
        }
        out.accept(message);
    }

    private void mark(Content<M> content, long nowNs) {
        if ((markCount + 1) * MARK_BYTES > Math.max(maxHeldBytes, LEAST_MARKED_BYTES)) {
            heldOverLimit++; // Its copy will not be recognised.
            return;
        }
        content.marksNs.add(nowNs);
        markCount++;
    }

    private void unmark(Content<M> content) {
        content.marksNs.remove();
        markCount--;
    }

    /** A message of the following stream: dropped, held or, at the end, delivered. */
    public void onFollowing(long hash, long sid, M message, int bytes, long nowNs) {
        Content<M> content = contents.computeIfAbsent(hash, unseen -> new Content<>(sid));
        boolean wasUnique = content.isUnique();
        content.following++;
        if (!content.isUnique()) {
            onRepeated(content, wasUnique);
        }
        content.lastSeenNs = nowNs;
        Long mark = matchingMark(content, nowNs);
        boolean isAmbiguous = isAmbiguous(content);
        Debt pays = mark == null ? pay(content) : Debt.NONE;
        if (mark != null && isSettled(mark)) {
            content.owed--;
        } else if (mark != null && nowNs - mark > skewBoundNs) {
            content.perhapsOwed--; // Most likely the mark of another message: its own is left over.
        }
        if (phase == Phase.ENDED && (mark == null || isAmbiguous)) {
            if (mark != null) {
                unmark(content);
            }
            ambiguous += isAmbiguous || pays != Debt.NONE ? 1 : 0;
            out.accept(message);
            return;
        }
        Held<M> copy = new Held<>(message, content, bytes, nowNs, pays);
        if (mark != null) {
            unmark(content);
            match(copy, nowNs - mark);
        } else if (heldBytes + bytes > maxHeldBytes) {
            heldOverLimit++;
            out.accept(message);
        } else {
            content.held.add(copy);
            hold(copy);
        }
    }

    private void hold(Held<M> copy) {
        if (held.add(copy)) {
            heldBytes += copy.bytes;
        }
    }

    private void release(Held<M> copy) {
        if (held.remove(copy)) {
            heldBytes -= copy.bytes;
        }
    }

    /** The leading stream delivers what looks like this copy: it is not needed, unless at the end it turns out to be. */
    private void match(Held<M> copy, long skewNs) {
        duplicatesDropped++;
        copy.matched = true;
        if (isAmbiguous(copy.content) && phase != Phase.ENDED) {
            hold(copy);
            unsure.add(copy);
            return;
        }
        release(copy);
        if (copy.content.isUnique() && skewNs <= uniqueLimitNs) { // Otherwise something stood still.
            copy.content.skewNs = skewNs;
            skewBoundNs = bound(Math.max(skewBoundNs, 2 * skewNs));
        }
    }

    private void onRepeated(Content<M> content, boolean wasUnique) {
        if (wasUnique) {
            content.perhapsOwed = Math.min(0, content.perhapsOwed); // By another rule, for what occurs once.
        }
        if (content.skewNs > 0) {
            unlearn(content);
        }
    }

    /** Content that was taken for unique repeats: what was learned from it may be the distance of two messages. */
    private void unlearn(Content<M> content) {
        boolean decisive = bound(2 * content.skewNs) == skewBoundNs;
        content.skewNs = 0;
        if (decisive) {
            long widestNs = 0;
            for (Content<M> other : contents.values()) {
                widestNs = Math.max(widestNs, other.skewNs);
            }
            skewBoundNs = bound(Math.max(firstSkewBoundNs, 2 * widestNs));
        }
    }

    private long bound(long skewNs) {
        return Math.min(uniqueLimitNs, skewNs);
    }

    private boolean isAmbiguous(Content<M> content) {
        return content.closestNs <= skewBoundNs;
    }

    /**
     * Content seen once may match at any age here: what only the leading stream has comes before what only the following
     * one has, never behind it.
     */
    private @Nullable Held<M> matchingCopy(Content<M> content, long nowNs) {
        for (Held<M> copy : content.held) {
            if (content.isUnique() || nowNs - copy.arrivedNs <= skewBoundNs) {
                return copy;
            }
        }
        return null;
    }

    private @Nullable Long matchingMark(Content<M> content, long nowNs) {
        forgetOldMarks(content, nowNs);
        return content.marksNs.peek();
    }

    private void forgetOldMarks(Content<M> content, long nowNs) {
        Queue<Long> marks = content.marksNs;
        while (!marks.isEmpty() && !mayMatch(content, marks.element(), nowNs)) {
            content.perhapsOwed += isPerhapsOwed(content, marks.element()) ? 1 : 0;
            unmark(content);
        }
    }

    /** A message of the following stream that matches nothing may be a copy that is owed. */
    private Debt pay(Content<M> content) {
        if (content.owed > 0) {
            content.owed--;
            return Debt.OWED;
        }
        if (content.perhapsOwed > 0) {
            content.perhapsOwed--;
            return Debt.PERHAPS;
        }
        return Debt.NONE;
    }

    private void incur(Content<M> content, Debt debt) {
        content.owed += debt == Debt.OWED ? 1 : 0;
        content.perhapsOwed += debt == Debt.PERHAPS ? 1 : 0;
    }

    /** What repeats is more often had by the leading stream alone, until the news of the subscription has spread. */
    private boolean isPerhapsOwed(Content<M> content, long markNs) {
        if (isSettled(markNs)) {
            return false; // It is owed.
        }
        return content.isUnique() ? isAsked(markNs) : answered && markNs - (answeredNs + firstSkewBoundNs) >= 0;
    }

    private boolean mayMatch(Content<M> content, long markNs, long nowNs) {
        if (!content.isUnique()) {
            return nowNs - markNs <= skewBoundNs;
        }
        return phase == Phase.BOTH || nowNs - markNs <= uniqueLimitNs || isSettled(markNs);
    }

    /** Whether the following stream had been asked for then. */
    private boolean isAsked(long atNs) {
        return phase != Phase.ALONE && atNs - askedNs >= 0;
    }

    /** Whether what the leading stream has had then the following one has as well, come what may. */
    private boolean isSettled(long atNs) {
        return answered && atNs - (answeredNs + uniqueLimitNs) >= 0;
    }

    /**
     * The leading stream has ended: what only the following one has is delivered, in its order. Copies of the last
     * leading messages may still arrive, so the marks stay for as long as they may match.
     */
    public void onLeadingEnded(long nowNs) {
        phase = Phase.ENDED;
        endedNs = nowNs;
        overNs = nowNs + LATEST_COPY_NS;
        for (Held<M> copy : held) {
            boolean isUnsure = copy.matched && nowNs - copy.arrivedNs <= skewBoundNs;
            if (isUnsure || !copy.matched) {
                // The leading stream should have had what is as old as that: perhaps it had, under way for too long.
                boolean isOld = nowNs - copy.arrivedNs > uniqueLimitNs;
                ambiguous += isOld || copy.pays != Debt.NONE || isAmbiguous(copy.content) ? 1 : 0;
                duplicatesDropped -= isUnsure ? 1 : 0;
                out.accept(copy.message);
            }
        }
        held.clear();
        unsure.clear();
        heldBytes = 0;
        contents.values().forEach(content -> content.held.clear());
    }

    /** The two paths are known to be that far apart, and so both streams will run that long, unless it is too late for that. */
    void widen(long skewNs, long overlapNs) {
        if (phase == Phase.PARTING || phase == Phase.ENDED) {
            return;
        }
        uniqueLimitNs = Math.max(uniqueLimitNs, overlapNs / 2);
        firstSkewBoundNs = Math.max(firstSkewBoundNs, skewNs);
        skewBoundNs = bound(Math.max(skewBoundNs, firstSkewBoundNs));
    }

    /** Forgets what can match no more; returns the nanoseconds until there may be something to forget again. */
    public long onTick(long nowNs) {
        while (!unsure.isEmpty() && nowNs - unsure.element().arrivedNs > skewBoundNs) {
            release(unsure.remove());
        }
        if (isOver(nowNs)) {
            return Long.MAX_VALUE;
        }
        if (nextSweepNs - nowNs <= 0) { // Looking at everything is not for every turn of the loop.
            nextSweepNs = nowNs + (uniqueLimitNs > 1 ? uniqueLimitNs / 2 : SWEEP_WITHOUT_OVERLAP_NS);
            sweep(nowNs);
        }
        long sweepNs = nextSweepNs - nowNs;
        return phase == Phase.ENDED ? Math.max(0, Math.min(sweepNs, overNs - nowNs)) : sweepNs;
    }

    private void sweep(long nowNs) {
        boolean owesCopies = false;
        boolean mayHaveCopies = false;
        for (Iterator<Content<M>> all = contents.values().iterator(); all.hasNext(); ) {
            Content<M> content = all.next();
            forgetOldMarks(content, nowNs);
            boolean isWanted = !unsubscribed.contains(content.sid);
            boolean owesCopy = isWanted && content.owed > 0;
            boolean mayHaveCopy = isWanted && (!content.marksNs.isEmpty() || content.perhapsOwed > 0);
            if (!owesCopy && !mayHaveCopy && content.held.isEmpty() && nowNs - content.lastSeenNs > 2 * uniqueLimitNs) {
                all.remove();
            }
            owesCopies |= owesCopy;
            mayHaveCopies |= mayHaveCopy;
        }
        if (phase == Phase.ENDED && !owesCopies && (!mayHaveCopies || nowNs - endedNs >= uniqueLimitNs)) {
            overNs = nowNs;
        }
    }

    /** Whether the following stream may be delivered without looking at it any more. */
    boolean isOver(long nowNs) {
        return phase == Phase.ENDED && overNs - nowNs <= 0;
    }

    /** Copies that have not come until now may still do so when nobody looks for them any more. */
    Counts counts() {
        long owed = contents.values().stream()
                .filter(content -> !unsubscribed.contains(content.sid))
                .mapToLong(content -> content.owed)
                .sum();
        return new Counts(duplicatesDropped, ambiguous + owed, heldOverLimit);
    }
}
