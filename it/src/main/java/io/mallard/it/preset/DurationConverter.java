package io.mallard.it.preset;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a duration as people write it on a command line: {@code 300s}, {@code 5m}, or seconds without a unit.
 *
 * <p>Threading: stateless.
 */
public final class DurationConverter implements ITypeConverter<Duration> {
    /** More digits than any run needs, and few enough for a long in any unit. */
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})([sm]?)");

    @Override
    public Duration convert(String value) {
        Matcher matcher = DURATION.matcher(value);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + value + "' is no duration such as 300s, 5m or 90 (seconds)");
        }
        long number = Long.parseLong(matcher.group(1));
        return matcher.group(2).equals("m") ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
    }
}
