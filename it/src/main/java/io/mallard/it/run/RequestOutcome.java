package io.mallard.it.run;

import io.mallard.it.load.FailedRequest;
import io.mallard.it.load.Window;
import java.util.List;

/**
 * What became of the requests that were due at certain times, however late they ended.
 *
 * <p>Threading: stateless.
 */
final class RequestOutcome {
    private RequestOutcome() {}

    /**
     * Those that were answered rightly and in time.
     *
     * @param failures as many of them as are known
     * @param failed all of them; one that is not known might have been due at these times, and counts as if it was
     */
    static Share answered(List<Window> windows, int perSecond, List<FailedRequest> failures, long failed) {
        long due = Math.round(windows.stream().mapToDouble(Window::seconds).sum() * perSecond);
        long failedHere = failures.stream()
                .filter(failure -> windows.stream().anyMatch(window -> window.contains(failure.dueAtSeconds())))
                .count();
        long unknown = failed - failures.size();
        return new Share(Math.max(0, due - failedHere - unknown), due);
    }
}
