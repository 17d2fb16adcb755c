package io.mallard.rpc;

/** What a route does. */
@FunctionalInterface
public interface RpcHandler {
    /**
     * Takes a call, on a thread of the server's executor; it may block.
     *
     * @param call who calls, and what about
     * @return what the caller gets
     * @throws RpcException with what the caller is to be told
     * @throws Exception anything else, of which the caller gets the message, with PIT-500
     */
    byte[] handle(RpcRequest call) throws Exception;
}
