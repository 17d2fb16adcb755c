package io.mallard.it.load;

import java.time.Duration;

/** A client that can do nothing; a test adds what it needs. */
class FakeClient implements LoadClient {
    @Override
    public void publish(String subject, byte[] payload) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] request(String subject, byte[] payload, Duration timeout) throws RequestFailedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void subscribe(String subject, Receiver receiver) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isStandbyReady() {
        return false;
    }

    @Override
    public ClientFigures figures() {
        return ClientFigures.NONE;
    }

    @Override
    public void close() {}
}
