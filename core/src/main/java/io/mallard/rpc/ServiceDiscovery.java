package io.mallard.rpc;

import java.util.List;

/**
 * Knows which servers there are. What Pitaya's clusters register themselves with (etcd) is for the application to ask.
 *
 * <p>Threading: any thread may ask, at every call.
 */
public interface ServiceDiscovery {
    /**
     * The servers of a type.
     *
     * @param type such as {@code room}
     * @return those there are now, in any order
     */
    List<PitayaServer> ofType(String type);

    /**
     * Servers that are always there.
     *
     * @param servers all of them
     * @return a discovery that finds nothing else
     */
    static ServiceDiscovery of(PitayaServer... servers) {
        List<PitayaServer> all = List.of(servers);
        return type -> all.stream().filter(server -> server.type().equals(type)).toList();
    }
}
