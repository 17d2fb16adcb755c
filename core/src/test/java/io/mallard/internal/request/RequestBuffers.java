package io.mallard.internal.request;

import io.mallard.RequestBufferOptions;
import io.mallard.internal.observe.Counters;
import io.mallard.internal.observe.EventLog;
import io.mallard.internal.route.Router;

/** Request buffers for whoever needs one and has no loop to wake. */
public final class RequestBuffers {
    private RequestBuffers() {}

    public static RequestBuffer of(RequestTable table, Router router) {
        return of(table, router, RequestBufferOptions.DEFAULT_MAX_REQUESTS);
    }

    static RequestBuffer of(RequestTable table, Router router, int maxRequests) {
        return new RequestBuffer(
                table,
                router,
                () -> {},
                new Counters(),
                new EventLog(),
                Runnable::run,
                new RequestBufferOptions(
                        maxRequests, RequestBufferOptions.DEFAULT_MAX_BYTES, RequestBufferOptions.DEFAULT_TIMEOUT));
    }
}
