package io.mallard.it.chaos;

/** The server that a fault is for, by what the client uses it for at that moment. */
enum Victim {
    /** It carries the client's traffic. */
    CARRIER("the client's server"),
    /** The client has its standby there. */
    STANDBY("the standby's server"),
    /** The client has no connection to it. */
    IDLE("a server without the client");

    private final String text;

    Victim(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
