package io.mallard.it.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Which faults happen when: a function of seed and duration and of nothing else, so that a run can be repeated. Every kind comes once,
 * to the client's own server, before any comes again.
 *
 * <p>Threading: immutable.
 */
record FaultPlan(long seed, Duration duration, List<Fault> faults) {
    /** Long enough for every kind. */
    static final Duration FULL_ROUND =
            Arrays.stream(FaultKind.values()).map(FaultKind::slot).reduce(Duration.ZERO, Duration::plus);

    /** From 2.9 to 2.10 and on to the newest: there are no more generations to upgrade to. */
    private static final int UPGRADES = 2;

    /** So often out of four a fault of a later round is for the client's own server. */
    private static final int CARRIER_OF_FOUR = 3;

    static FaultPlan of(long seed, Duration duration) {
        Random random = new Random(seed);
        List<Fault> faults = new ArrayList<>();
        Duration at = Duration.ZERO;
        for (int round = 0; ; round++) {
            List<FaultKind> kinds = new ArrayList<>(List.of(FaultKind.values()));
            Collections.shuffle(kinds, random);
            if (round >= UPGRADES) {
                kinds.remove(FaultKind.UPGRADE);
            }
            for (FaultKind kind : kinds) {
                if (at.plus(kind.slot()).compareTo(duration) > 0) {
                    return new FaultPlan(seed, duration, List.copyOf(faults));
                }
                faults.add(fault(faults.size() + 1, at, kind, victim(kind, round, random), random));
                at = at.plus(kind.slot());
            }
        }
    }

    /** One fault to a line. */
    String text() {
        return faults.stream().map(Fault::toString).collect(Collectors.joining("\n"));
    }

    private static Victim victim(FaultKind kind, int round, Random random) {
        List<Victim> victims = kind.victims();
        boolean carrier = round == 0 || random.nextInt(4) < CARRIER_OF_FOUR;
        return carrier ? Victim.CARRIER : victims.get(random.nextInt(victims.size()));
    }

    private static Fault fault(int number, Duration at, FaultKind kind, Victim victim, Random random) {
        Duration lasts = switch (kind) {
            case LAME_DUCK_KILLED -> millis(random, 0, 600);
            case PAUSE -> millis(random, 100, 400);
            case HANG -> millis(random, 3000, 4000);
            case CLIENT_PARTITION, OUTAGE, ROUTE_PARTITION, ROUTE_DELAY -> millis(random, 500, 1500);
            case LAME_DUCK, SLOW_LAME_DUCK, UPGRADE, KILL, RESET -> Duration.ZERO;
        };
        Duration delay = switch (kind) {
            case SLOW_LAME_DUCK -> millis(random, 2, 8);
            case ROUTE_DELAY -> millis(random, 5, 50);
            default -> Duration.ZERO;
        };
        return new Fault(number, at, kind, victim, lasts, delay);
    }

    private static Duration millis(Random random, int from, int to) {
        return Duration.ofMillis(from + random.nextInt(to - from + 1));
    }
}
