package io.mallard.it.hostile;

/**
 * What becomes of the connection that is attacked.
 *
 * <p>Threading: immutable.
 */
enum Outcome {
    /** It never served: the handshake failed, or another server was preferred. */
    REFUSED("refused"),
    /** It served, and the client ended it and told its listener why. */
    ENDED("ended"),
    /** It served, and the client has moved away as if the server left. */
    LEFT("left"),
    /** It goes on as if nothing were the matter. */
    IGNORED("goes on");

    final String words;

    Outcome(String words) {
        this.words = words;
    }
}
