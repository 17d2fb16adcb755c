package io.mallard.protocol.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * RFC 8259 case by case, each named after what it shows: what must be read, what must be refused, and what this reader
 * makes of that which is left to it. Every case stands as a member of an object, which is all that INFO may be.
 */
class JsonConformanceTest {
    static Stream<Arguments> valuesToAccept() {
        return Stream.of(
                arguments("nothing in a list", "[]"),
                arguments("nothing in an object", "{}"),
                arguments("a list in a list", "[[]]"),
                arguments("whitespace of all four kinds", " \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n"),
                arguments("null, true and false in a list", "[null,true,false]"),
                arguments("values of all kinds in a list", "[1,\"a\",{},[],null,true,2.5]"),
                arguments("an empty member name", "{\"\":0}"),
                arguments("a member name of escapes only", "{\"\\u0000\\n\":0}"),
                arguments("the same name twice", "{\"a\":1,\"a\":2}"),
                arguments("the same name and value twice", "{\"a\":1,\"a\":1}"),
                arguments("a long string", "\"" + "x".repeat(100_000) + "\""),
                arguments("zero", "0"),
                arguments("minus zero", "-0"),
                arguments("minus zero with a fraction", "-0.0"),
                arguments("one digit", "7"),
                arguments("a fraction that begins with zeros", "0.0001"),
                arguments("zero with an exponent", "0e1"),
                arguments("zero with an exponent with a sign", "0E+1"),
                arguments("an exponent of zero", "1e0"),
                arguments("an exponent with leading zeros", "1e007"),
                arguments("a negative exponent", "1E-2"),
                arguments("fraction and exponent", "12.34e-5"),
                arguments("very many digits after the point", "0." + "1".repeat(10_000)),
                arguments("the smallest integer of 64 bits", "-9223372036854775808"),
                arguments("every short escape", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
                arguments("an escaped NUL", "\"\\u0000\""),
                arguments("hexadecimal digits of either case", "\"\\u00Ab\\uABcd\""),
                arguments("a pair of surrogates as escapes", "\"\\ud834\\udd1e\""),
                arguments("the last code point as escapes", "\"\\udbff\\udfff\""),
                arguments("noncharacters as escapes", "\"\\uffff\\ufdd0\""),
                arguments("noncharacters as UTF-8", "\"\uffff\ufdd0\""),
                arguments("a byte order mark in a string", "\"\ufeff\""),
                arguments("line and paragraph separators as they are", "\"\u2028\u2029\""),
                arguments("DEL and C1 controls as they are", "\"\u007f\u0080\u009f\""),
                arguments("two bytes, three and four", "\"\u00e9\u20ac\ud834\udd1e\""),
                arguments("an escape that looks like a line of protocol", "\"\\r\\nPING\\r\\n\""),
                arguments("a comment in a string", "\"/*a*/ //b #c\""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("valuesToAccept")
    void accepts(String name, String value) throws ProtocolException {
        assertThat(read(("{\"v\":" + value + "}").getBytes(UTF_8))).containsKey("v");
    }

    static Stream<Arguments> valuesToRefuse() {
        return Stream.of(
                arguments("a comma alone in a list", "[,]"),
                arguments("two commas in a row", "[1,,2]"),
                arguments("a comma before the first", "[,1]"),
                arguments("a comma behind the last", "[1,]"),
                arguments("no comma between two", "[1 2]"),
                arguments("a colon in a list", "[1:2]"),
                arguments("a list that is not closed", "[1"),
                arguments("a list that is closed twice", "[1]]"),
                arguments("a list closed as an object", "[1}"),
                arguments("an object closed as a list", "{\"a\":1]"),
                arguments("an object without a colon", "{\"a\" 1}"),
                arguments("an object with two colons", "{\"a\"::1}"),
                arguments("an object with a comma for a colon", "{\"a\",1}"),
                arguments("an object without a value", "{\"a\":}"),
                arguments("a list without a value behind a comma", "[0,]"),
                arguments("an object without a name", "{:1}"),
                arguments("a number for a name", "{1:1}"),
                arguments("null for a name", "{null:1}"),
                arguments("a name without quotes", "{a:1}"),
                arguments("a name in single quotes", "{'a':1}"),
                arguments("a comma behind the last member", "{\"a\":1,}"),
                arguments("two commas between members", "{\"a\":1,,\"b\":2}"),
                arguments("a semicolon between members", "{\"a\":1;\"b\":2}"),
                arguments("a value too many", "{\"a\":1 2}"),
                arguments("a comment of C", "/*a*/1"),
                arguments("a comment to the end of the line", "1//a\n"),
                arguments("a comment of a shell", "1#a\n"),
                arguments("a word in capitals", "NULL"),
                arguments("a word that is cut", "tru"),
                arguments("a word that goes on", "truth"),
                arguments("two words in one", "nulltrue"),
                arguments("undefined", "undefined"),
                arguments("not a number", "NaN"),
                arguments("infinity", "Infinity"),
                arguments("a sign alone", "-"),
                arguments("a plus sign", "+1"),
                arguments("two signs", "--1"),
                arguments("a sign and a space", "- 1"),
                arguments("a leading zero", "012"),
                arguments("a leading zero behind a sign", "-012"),
                arguments("a point without digits before it", ".5"),
                arguments("a point without digits behind it", "5."),
                arguments("a point before an exponent", "5.e1"),
                arguments("two points", "1.2.3"),
                arguments("an exponent without digits", "1e"),
                arguments("an exponent of a sign", "1e+"),
                arguments("an exponent of two signs", "1e+-1"),
                arguments("two exponents", "1e1e1"),
                arguments("an exponent with a fraction", "1e1.5"),
                arguments("hexadecimal", "0x1F"),
                arguments("octal", "0o17"),
                arguments("a space in a number", "1 000"),
                arguments("an underscore in a number", "1_000"),
                arguments("a letter behind a number", "1a"),
                arguments("digits of another script", "\u0661"),
                arguments("wide digits", "\uff11"),
                arguments("a string in single quotes", "'a'"),
                arguments("a string that is not closed", "\"a"),
                arguments("a string that ends in a backslash", "\"\\"),
                arguments("a quote that is escaped last", "\"\\\""),
                arguments("a string of an escape that is cut", "\"\\u00"),
                arguments("an escape of three digits", "\"\\u123\""),
                arguments("an escape that is no hexadecimal", "\"\\uqqqq\""),
                arguments("an escape with a sign", "\"\\u-123\""),
                arguments("an escape in capitals", "\"\\N\""),
                arguments("an escape of C", "\"\\x41\""),
                arguments("an octal escape", "\"\\0\""),
                arguments("an escaped line end", "\"\\\n\""),
                arguments("a tab in a string", "\"\t\""),
                arguments("a line feed in a string", "\"\n\""),
                arguments("a NUL in a string", "\"\0\""),
                arguments("a unit separator in a string", "\"\u001f\""),
                arguments("a NUL for whitespace", "\0" + "1"),
                arguments("a form feed for whitespace", "\f1"),
                arguments("a vertical tab for whitespace", "\u000b1"),
                arguments("a no-break space for whitespace", "\u00a01"),
                arguments("a word joiner for whitespace", "\u20601"),
                arguments("a byte order mark for whitespace", "\ufeff1"),
                arguments("quotes of typographers", "\u201ca\u201d"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("valuesToRefuse")
    void refuses(String name, String value) {
        assertRefused(("{\"v\":" + value + "}").getBytes(UTF_8));
        assertRefused(("{\"v\":[" + value + "]}").getBytes(UTF_8));
    }

    static Stream<Arguments> textsToRefuse() {
        return Stream.of(
                arguments("an empty text", ""),
                arguments("whitespace alone", " \r\n\t "),
                arguments("a NUL alone", "\0"),
                arguments("a byte order mark before the text", "\ufeff{}"),
                arguments("a byte order mark behind the text", "{}\ufeff"),
                arguments("a NUL behind the text", "{}\0"),
                arguments("a comma behind the text", "{},"),
                arguments("a second text", "{}{}"),
                arguments("a brace too many", "{}}"),
                arguments("a word behind the text", "{}null"),
                arguments("a comment behind the text", "{}//"),
                arguments("an open brace alone", "{"),
                arguments("a closed brace alone", "}"),
                arguments("a quote alone", "{\""),
                arguments("a text of 16 bits per character", "{\0}\0"),
                arguments("a list for the whole text", "[]"),
                arguments("a string for the whole text", "\"a\""),
                arguments("a number for the whole text", "1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("textsToRefuse")
    void refusesTheText(String name, String text) {
        assertRefused(text.getBytes(UTF_8));
    }

    static Stream<Arguments> bytesToRefuse() {
        return Stream.of(
                arguments("a continuation byte alone", "\u0080"),
                arguments("two bytes that are cut", "\u00c3"),
                arguments("three bytes that are cut", "\u00e2\u0082"),
                arguments("four bytes that are cut", "\u00f0\u009d\u0084"),
                arguments("two bytes and another character", "\u00c3A"),
                arguments("a slash in two bytes", "\u00c0\u00af"),
                arguments("a slash in three bytes", "\u00e0\u0080\u00af"),
                arguments("a NUL in two bytes", "\u00c0\u0080"),
                arguments("a high surrogate as bytes", "\u00ed\u00a0\u00b4"),
                arguments("a pair of surrogates as bytes", "\u00ed\u00a0\u00b4\u00ed\u00b4\u009e"),
                arguments("beyond the last code point", "\u00f4\u0090\u0080\u0080"),
                arguments("five bytes", "\u00f8\u0088\u0080\u0080\u0080"),
                arguments("six bytes", "\u00fc\u0084\u0080\u0080\u0080\u0080"),
                arguments("FE", "\u00fe"),
                arguments("FF", "\u00ff"),
                arguments("Latin-1", "caf\u00e9"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bytesToRefuse")
    void refusesBytesThatAreNoUtf8(String name, String bytes) {
        assertRefused(("{\"v\":\"" + bytes + "\"}").getBytes(ISO_8859_1));
        assertRefused(("{\"" + bytes + "\":1}").getBytes(ISO_8859_1));
        assertRefused(("{\"v\":" + bytes + "}").getBytes(ISO_8859_1));
    }

    // What the RFC leaves to the reader.

    @Test
    void aNumberBeyondDoubleIsInfiniteAndOneTooSmallIsZero() throws ProtocolException {
        assertThat(value("1e400")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(value("-1e" + "9".repeat(1_000))).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(value("1e-" + "9".repeat(1_000))).isEqualTo(0.0);
        assertThat(value("0e" + "9".repeat(1_000))).isEqualTo(0.0);
        assertThat(value("1" + "0".repeat(100_000))).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void anIntegerBeyondLongIsTheNearestDouble() throws ProtocolException {
        assertThat(value("9223372036854775808")).isEqualTo(0x1p63);
        assertThat(value("-9223372036854775809")).isEqualTo(-0x1p63);
    }

    @Test
    void theLastOfDuplicateNamesWins() throws ProtocolException {
        assertThat(value("{\"a\":1,\"b\":2,\"a\":3}")).isEqualTo(Map.of("a", 3L, "b", 2L));
    }

    @Test
    void unpairedSurrogatesAreRefused() {
        for (String escapes : new String[] {
            "\\ud834", "\\udd1e", "\\udd1e\\ud834", "\\ud834\\ud834\\udd1e", "\\ud834x", "\\ud834\\n", "\\uD834\\u0041"
        }) {
            assertRefused(("{\"v\":\"" + escapes + "\"}").getBytes(UTF_8));
        }
    }

    @Test
    void depthIsRefusedWithoutRunningOutOfStack() {
        assertRefused(("{\"v\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}").getBytes(UTF_8));
        assertRefused(("{\"v\":".repeat(100_000) + "1" + "}".repeat(100_000)).getBytes(UTF_8));
        assertRefused(("{\"v\":" + "[{\"a\":".repeat(100_000)).getBytes(UTF_8));
    }

    private static void assertRefused(byte[] json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("JSON: ")
                .message()
                .hasSizeLessThan(600);
    }

    private static Object value(String json) throws ProtocolException {
        return read(("{\"v\":" + json + "}").getBytes(UTF_8)).get("v");
    }

    private static Map<String, Object> read(byte[] json) throws ProtocolException {
        return Json.readObject(json, 0, json.length, 0);
    }
}
