package io.mallard.it.targets;

import java.util.OptionalDouble;

/**
 * One figure that a run is to reach.
 *
 * <p>Threading: immutable.
 *
 * @param id its number in the contract
 * @param definition what is measured, and over what
 * @param measured empty if the run could not tell
 * @param basis how much was measured, and what else there is to know
 */
public record Target(String id, String name, String definition, Bound bound, OptionalDouble measured, String basis) {
    /** Whether a target was reached. */
    public enum Standing {
        HOLDS("yes"),
        DOES_NOT_HOLD("no"),
        NOT_MEASURED("?");

        private final String text;

        Standing(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    public Standing standing() {
        if (measured.isEmpty()) {
            return Standing.NOT_MEASURED;
        }
        return bound.keeps().test(measured.getAsDouble()) ? Standing.HOLDS : Standing.DOES_NOT_HOLD;
    }

    /** The value and how much was measured. */
    public String finding() {
        return measured.isEmpty() ? "not measured" : bound.format(measured.getAsDouble()) + " (" + basis + ")";
    }

    public String wanted() {
        return bound.text();
    }
}
