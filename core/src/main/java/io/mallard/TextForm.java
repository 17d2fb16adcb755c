package io.mallard;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How values of one type are written where there is only text: in properties, in the environment, in the log.
 *
 * <p>Threading: immutable.
 *
 * @param allowed what may be written, said to those who wrote something else
 * @param reader from text; fails with an unchecked exception of any kind for what is not allowed
 * @param writer to text, which the reader takes unless the value is a secret
 */
record TextForm<T>(String allowed, Function<String, T> reader, Function<T, String> writer) {
    static final TextForm<String> TEXT = new TextForm<>("text", String::strip, text -> text);
    /** Read as it stands, spaces included. */
    static final TextForm<Supplier<String>> SECRET = new TextForm<>("text", FixedSecret::new, secret -> "***");

    static final TextForm<Supplier<char[]>> SEED_OF_KEY =
            new TextForm<>("text", text -> new FixedSeed(text.strip().toCharArray()), seed -> "***");
    /** As {@link #SECRET}, for what is not asked for again. */
    static final TextForm<String> PASSWORD = new TextForm<>("text", text -> text, password -> "***");

    static final TextForm<Path> FILE =
            new TextForm<>("the path of a file", text -> Path.of(text.strip()), Path::toString);

    static final TextForm<Boolean> FLAG =
            new TextForm<>("true or false", text -> readOneOf(List.of(true, false), text), Object::toString);
    static final TextForm<Integer> COUNT = new TextForm<>(
            "a whole number up to " + Integer.MAX_VALUE, text -> Integer.valueOf(text.strip()), Object::toString);
    static final TextForm<Double> SHARE =
            new TextForm<>("a number from 0 to 1", text -> Double.valueOf(text.strip()), TextForm::writeShare);
    static final TextForm<Long> SEED =
            new TextForm<>("a whole number of 64 bits", text -> Long.valueOf(text.strip()), Object::toString);

    private static final String BYTE_UNITS = "bytes, or a number with KiB, MiB or GiB";
    static final TextForm<Long> BYTES =
            new TextForm<>("a number of " + BYTE_UNITS, TextForm::readBytes, TextForm::writeBytes);
    static final TextForm<Integer> ARRAY_BYTES = new TextForm<>(
            "up to " + Integer.MAX_VALUE + " " + BYTE_UNITS,
            text -> Math.toIntExact(readBytes(text)),
            bytes -> writeBytes(bytes));

    static final TextForm<Duration> DURATION = new TextForm<>(
            "a number of milliseconds, or one with ms, s, m or h, or a duration like PT0.25S",
            TextForm::readDuration,
            TextForm::writeDuration);
    static final TextForm<String> URL = new TextForm<>("a URL", String::strip, TextForm::withoutCredentials);
    static final TextForm<List<String>> URLS =
            new TextForm<>("server URLs with commas between them", TextForm::readUrls, TextForm::writeUrls);

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([+-]?\\d+)\\s*([A-Za-z]*)");

    /** One of the constants of an enum, in upper or lower case. */
    static <E extends Enum<E>> TextForm<E> oneOf(Class<E> type) {
        List<E> constants = List.of(type.getEnumConstants());
        String allowed = constants.stream().map(Enum::name).collect(Collectors.joining(" or "));
        return new TextForm<>(allowed, text -> readOneOf(constants, text), Enum::name);
    }

    private static <T> T readOneOf(List<T> values, String text) {
        return values.stream()
                .filter(value -> value.toString().equalsIgnoreCase(text.strip()))
                .findFirst()
                .orElseThrow();
    }

    private static String writeShare(double share) {
        return share == Math.rint(share) ? Long.toString((long) share) : Double.toString(share);
    }

    private static long readBytes(String text) {
        Matcher parts = numberAndUnit(text);
        long unit = switch (parts.group(2)) {
            case "" -> 1;
            case "KiB" -> 1 << 10;
            case "MiB" -> 1 << 20;
            case "GiB" -> 1 << 30;
            default -> throw new IllegalArgumentException("no unit of bytes");
        };
        return Math.multiplyExact(Long.parseLong(parts.group(1)), unit);
    }

    private static String writeBytes(long bytes) {
        for (int shift = 30; shift > 0; shift -= 10) {
            long unit = 1L << shift;
            if (bytes != 0 && bytes % unit == 0) {
                return bytes / unit + (shift == 30 ? "GiB" : shift == 20 ? "MiB" : "KiB");
            }
        }
        return Long.toString(bytes);
    }

    private static Duration readDuration(String text) {
        if (text.strip().toUpperCase(Locale.ROOT).contains("P")) {
            return Duration.parse(text.strip());
        }
        Matcher parts = numberAndUnit(text);
        long number = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "", "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> throw new IllegalArgumentException("no unit of time");
        };
    }

    private static String writeDuration(Duration duration) {
        if (duration.toNanosPart() == 0) {
            return duration.toSeconds() + "s";
        }
        return duration.equals(Duration.ofMillis(duration.toMillis()))
                ? duration.toMillis() + "ms"
                : duration.toString();
    }

    private static Matcher numberAndUnit(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no number");
        }
        return matcher;
    }

    private static List<String> readUrls(String text) {
        return text.isBlank()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    private static String writeUrls(List<String> urls) {
        return urls.stream().map(TextForm::withoutCredentials).collect(Collectors.joining(","));
    }

    private static String withoutCredentials(String url) {
        int at = url.lastIndexOf('@');
        int begin = url.indexOf("://") + 1; // 0 without a scheme
        return at < 0 ? url : url.substring(0, begin == 0 ? 0 : begin + 2) + "***" + url.substring(at);
    }
}
