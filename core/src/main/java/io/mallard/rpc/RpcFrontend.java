package io.mallard.rpc;

import io.mallard.NatsClient;
import io.mallard.NatsException;
import io.mallard.NatsMessage;
import io.mallard.Subscription;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a frontend that users are reached by: what is pushed to those bound to it, and who is kicked. Bindings follow the client from one
 * nats-server to the next.
 *
 * <p>Threading: any thread.
 */
public final class RpcFrontend implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.mallard.rpc");

    private final NatsClient client;
    private final PitayaServer self;
    private final Map<String, Binding> bindings = new ConcurrentHashMap<>();
    private final Subscription others;
    // Latch: once true, always true.
    private volatile boolean closed;

    /**
     * Begins to hear of users that are bound to other frontends of the type.
     *
     * @param client what it is reached by; who made it closes it, after this
     * @param self the frontend
     * @return the frontend, to which nobody is bound
     * @throws RpcException if the subscription cannot be made
     */
    public static RpcFrontend start(NatsClient client, PitayaServer self) {
        return new RpcFrontend(client, self);
    }

    private RpcFrontend(NatsClient client, PitayaServer self) {
        this.client = client;
        this.self = self;
        String subject = PitayaServer.bindingsSubject(self.type());
        try {
            this.others = client.subscribe(subject, this::onBinding);
        } catch (NatsException e) {
            throw RpcServer.notSubscribed(subject, e);
        }
    }

    /**
     * Binds a user to this frontend, and tells the others of its type. When this returns, the nats-server it is connected to knows; the others
     * of the cluster hear of it within moments, and until then a push that comes by them finds nobody.
     *
     * @param userId of the user
     * @param handler what to do with what comes
     * @throws IllegalStateException if the user is bound here already, is unbound meanwhile, or the frontend is closed
     * @throws IllegalArgumentException if the id cannot be part of a subject
     * @throws RpcException if a subscription cannot be made
     */
    public void bind(String userId, UserHandler handler) {
        String pushes = PitayaServer.pushSubject(self.type(), userId);
        String kicks = PitayaServer.kickSubject(self.type(), userId);
        Binding binding = new Binding(handler);
        requireOpen(closed, userId);
        if (bindings.putIfAbsent(userId, binding) != null) {
            throw new IllegalStateException(
                    "user \"" + userId + "\" is bound to " + self + " already; unbind it first");
        }
        try {
            binding.subscriptions.add(client.subscribe(pushes, binding::onPush));
            binding.subscriptions.add(client.subscribe(kicks, binding::onKick));
            requireOpen(closed || bindings.get(userId) != binding, userId); // Before the others are told.
            byte[] made = new UserMessages.Binding(userId, self.id()).encode();
            client.publish(PitayaServer.bindingsSubject(self.type()), made);
            client.flush(RpcServer.START_TIMEOUT);
            requireOpen(closed || bindings.get(userId) != binding, userId);
        } catch (RuntimeException e) {
            abandon(userId, binding);
            throw e instanceof NatsException why ? RpcServer.notSubscribed(pushes, why) : e;
        }
    }

    private static void requireOpen(boolean isOver, String userId) {
        if (isOver) {
            throw new IllegalStateException(
                    "user \"" + userId + "\" is not bound: it was unbound meanwhile, or the frontend is closed");
        }
    }

    private void abandon(String userId, Binding binding) {
        bindings.remove(userId, binding);
        binding.end();
    }

    /**
     * Lets go of a user, if it is bound here. What the nats-server has sent until it hears of that is still handed over.
     *
     * @param userId of the user
     */
    public void unbind(String userId) {
        Binding binding = bindings.remove(userId);
        if (binding != null) {
            binding.drain();
        }
    }

    private void onBinding(NatsMessage message) {
        UserMessages.Binding made;
        try {
            made = UserMessages.Binding.decode(message.payload());
        } catch (RpcFormatException e) {
            LOG.error("unable to decode msg from nats: {}", e.getMessage());
            return;
        }
        Binding here = bindings.get(made.userId());
        if (here != null && !made.frontendId().equals(self.id())) {
            here.handler.onBoundElsewhere(made.frontendId());
        }
    }

    /** Of a user to this frontend. */
    private static final class Binding {
        private final UserHandler handler;
        /** Made by whoever binds, ended by whoever unbinds, maybe before all are made. */
        private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

        Binding(UserHandler handler) {
            this.handler = handler;
        }

        void onPush(NatsMessage message) {
            answer(message, () -> {
                UserMessages.Push push = UserMessages.Push.decode(message.payload());
                handler.onPush(push.route(), push.data());
                return RpcResponse.of(RpcServer.ACK).encode();
            });
        }

        void onKick(NatsMessage message) {
            answer(message, () -> {
                UserMessages.Kick.decode(message.payload()); // It must be one; whose is said by the subject.
                handler.onKick();
                return new UserMessages.KickAnswer(true).encode();
            });
        }

        void drain() {
            subscriptions.forEach(subscription -> {
                CompletableFuture<Void> unused = subscription.drain(RpcServer.START_TIMEOUT);
            });
        }

        void end() {
            subscriptions.forEach(Subscription::unsubscribe);
        }

        /** Frontends in Go never answer, those who ask from C++ wait for it. */
        private static void answer(NatsMessage message, Callable<byte[]> work) {
            byte[] answer;
            try {
                answer = work.call();
            } catch (Throwable e) { // Whatever it is, whoever waits is told.
                answer = Replies.to(e, message.subject()).encode();
            }
            Replies.send(message, answer);
        }
    }

    /** Lets go of every user. */
    @Override
    public void close() {
        closed = true;
        others.unsubscribe();
        bindings.keySet().forEach(this::unbind);
    }
}
