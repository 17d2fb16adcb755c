package io.mallard.it.run;

import io.mallard.it.judge.DeliveryLedger.Position;

/**
 * How far the load had come at some moment.
 *
 * <p>Threading: immutable.
 *
 * @param requests that had ended, one way or the other
 * @param publishes by the client
 * @param receives sent to the client
 */
public record Mark(double atSeconds, long requests, long failed, Position publishes, Position receives) {}
