package io.mallard.it.run;

import io.mallard.it.load.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * The judged time of a run, and what happened in which part of it.
 *
 * <p>Threading: immutable.
 *
 * @param whole everything behind the warm-up
 * @param calm no episode, not even its preparation
 * @param lameDuck from a signal until that server has exited
 * @param replacement from a signal until that server runs again and knows the others
 */
record Times(Window whole, List<Window> calm, List<Window> lameDuck, List<Window> replacement) {
    static Times of(Window whole, List<Episode> episodes) {
        List<Window> calm = new ArrayList<>();
        double calmBegan = whole.fromSeconds();
        for (Episode episode : episodes) {
            calm.add(new Window(calmBegan, episode.from().atSeconds()));
            calmBegan = episode.to().atSeconds();
        }
        calm.add(new Window(calmBegan, whole.toSeconds()));
        return new Times(
                whole,
                List.copyOf(calm),
                episodes.stream()
                        .map(episode -> new Window(episode.lameDuckAtSeconds(), episode.exitedAtSeconds()))
                        .toList(),
                episodes.stream()
                        .map(episode -> new Window(episode.lameDuckAtSeconds(), episode.replacedAtSeconds()))
                        .toList());
    }
}
