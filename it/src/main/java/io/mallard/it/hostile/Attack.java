package io.mallard.it.hostile;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a hostile server may do, and what a client makes of it.
 *
 * <p>Threading: immutable.
 */
enum Attack {
    // Instead of a handshake.
    INFO_WITHOUT_END("an INFO line that goes on for ever", Outcome.REFUSED, a -> {
        a.send("INFO {\"x\":\"");
        a.flood("x");
    }),
    INFO_ONE_BYTE_TOO_LONG("an INFO line of 1 MiB and a byte", Outcome.REFUSED, a -> a.send(info((1 << 20) + 1))),
    INFO_NESTED(
            "an INFO of a hundred thousand lists",
            Outcome.REFUSED,
            a -> a.send("INFO {\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}\r\n")),
    INFO_OF_THE_WRONG_TYPE(
            "an INFO whose server_id is a list of 900 KB",
            Outcome.REFUSED,
            a -> a.send("INFO {\"server_id\":[" + "\"\\n\",".repeat(150_000) + "0]}\r\n")),
    LINE_WITHOUT_END_BEFORE_INFO("no INFO, an endless line", Outcome.REFUSED, a -> a.flood("MSG ")),
    NOT_THE_PROTOCOL("HTTP", Outcome.REFUSED, a -> a.flood("HTTP/1.1 200 OK\r\n")),
    INFO_BYTE_BY_BYTE("an INFO a byte at a time", Outcome.REFUSED, a -> a.trickle(info(1_000))),
    PONG_BYTE_BY_BYTE("INFO, then the rest a byte at a time", Outcome.REFUSED, a -> {
        a.info("");
        a.trickle("+OK\r\n".repeat(100));
    }),
    SILENCE("nothing at all", Outcome.REFUSED, a -> a.trickle("")),
    ACCEPT_AND_CLOSE("accepts and closes", Outcome.REFUSED, Attacker::close),
    TLS_GARBAGE("TLS wanted, then bytes that are none", Outcome.REFUSED, a -> {
        a.info(",\"tls_required\":true");
        a.flood("\u0016\u0003\u0003\u00ff\u00ff garbage");
    }),
    TLS_SILENCE("TLS wanted, then nothing", Outcome.REFUSED, a -> a.info(",\"tls_required\":true")),
    MAX_PAYLOAD_NEGATIVE("a max_payload of -1", Outcome.REFUSED, a -> a.info(",\"max_payload\":-1")),
    MAX_PAYLOAD_BEYOND_NUMBERS("a max_payload of 1e999", Outcome.REFUSED, a -> a.info(",\"max_payload\":1e999")),
    ERRORS_BEFORE_INFO("-ERR without end before INFO", Outcome.REFUSED, a -> a.flood("-ERR 'no'\r\n")),
    ERROR_WITHOUT_END("an -ERR that goes on for ever", Outcome.REFUSED, a -> {
        a.info("");
        a.send("-ERR '");
        a.flood("x");
    }),

    // After one, in lines.
    INFO_AT_THE_LIMIT("an INFO line of exactly 1 MiB, then 500 more of 1 KB", Outcome.IGNORED, a -> {
        a.handshake("");
        a.send(info(1 << 20));
        a.repeat(info(1_000), 500_000);
    }),
    NONCE_OF_A_MEGABYTE(
            "a nonce of 1,000,000 bytes",
            Outcome.IGNORED,
            a -> a.handshake(",\"nonce\":\"" + "n".repeat(1_000_000) + "\"")),
    MAX_PAYLOAD_ZERO("a max_payload of 0", Outcome.IGNORED, a -> a.handshake(",\"max_payload\":0")),
    MAX_PAYLOAD_HUGE(
            "a max_payload of 2^63 - 1", Outcome.IGNORED, a -> a.handshake(",\"max_payload\":9223372036854775807")),
    INFO_FLOOD("INFO without end, ldm true and false in turns", Outcome.LEFT, a -> {
        a.handshake("");
        a.flood("INFO {\"server_id\":\"HOSTILE\",\"ldm\":true}\r\nINFO {\"server_id\":\"HOSTILE\",\"ldm\":false}\r\n");
    }),
    LAME_DUCK_AT_ONCE("lame duck in the first INFO", Outcome.REFUSED, a -> a.info(",\"ldm\":true")),
    URLS_BY_THE_THOUSAND("70,000 connect_urls, ten times", Outcome.IGNORED, a -> {
        a.handshake("");
        String urls =
                IntStream.range(0, 70_000).mapToObj(i -> "\"h" + i + ":1\"").collect(Collectors.joining(",", "[", "]"));
        for (int i = 0; i < 10; i++) {
            a.info(",\"connect_urls\":" + urls);
        }
    }),
    URLS_THAT_ARE_NONE("connect_urls that are none, long, or nobody's", Outcome.IGNORED, a -> {
        a.handshake("");
        a.info(
                ",\"connect_urls\":[\"\",\":\",\"a:b\",\"[::1\",\"http://x:1\",\"127.0.0.1:1\",\"127.0.0.1:0\",\"a\\u0000b:1\",\""
                        + "x".repeat(500_000) + ":1\"]");
    }),
    URLS_THAT_CHANGE("other connect_urls each time, without end", Outcome.IGNORED, a -> {
        a.handshake("");
        for (int i = 0; !a.isOver(); i++) {
            a.info(",\"connect_urls\":[\"127.0.0.1:" + (1 + i % 1_000) + "\"]");
        }
    }),
    LINE_WITHOUT_END("a control line without its end", Outcome.ENDED, a -> {
        a.handshake("");
        a.send("MSG ");
        a.flood("a");
    }),
    PING_FLOOD("PINGs without end, 10,000 at once, and the PONGs are read", Outcome.IGNORED, a -> {
        a.handshake("");
        a.floodWithPings(10_000);
    }),
    PING_FLOOD_UNREAD("PINGs without end, and no PONG is read", Outcome.ENDED, a -> {
        a.handshake("");
        a.stopReading();
        a.flood("PING\r\n");
    }),
    PONG_FLOOD("PONGs that nobody asked for", Outcome.ENDED, a -> {
        a.handshake("");
        a.flood("PONG\r\n");
    }),
    OK_FLOOD("+OK without end", Outcome.IGNORED, a -> {
        a.handshake("");
        a.flood("+OK\r\n");
    }),
    ERROR_FLOOD("-ERR without end", Outcome.IGNORED, a -> {
        a.handshake("");
        a.flood("-ERR 'Permissions Violation for Publish to \"a\"'\r\n");
    }),
    ERROR_LONG_FLOOD("-ERR of 60 KB without end", Outcome.IGNORED, a -> {
        a.handshake("");
        a.flood("-ERR 'Permissions Violation for Publish to \"" + "a".repeat(60_000) + "\"'\r\n");
    }),
    ERROR_TOO_LONG("an -ERR of a megabyte", Outcome.ENDED, a -> {
        a.handshake("");
        a.send("-ERR '" + "x".repeat(1_000_000) + "'\r\n");
    }),

    // After one, in messages.
    LENGTH_BEYOND_THE_LIMIT("a message of 3,000,000,000 bytes", Outcome.ENDED, a -> {
        a.handshake("");
        a.send("MSG n 2 3000000000\r\n");
        a.flood("x");
    }),
    LENGTH_OF_66_BITS("a message of 99999999999999999999 bytes", Outcome.ENDED, a -> {
        a.handshake("");
        a.send("MSG n 2 99999999999999999999\r\n");
    }),
    LENGTH_NEGATIVE("a message of -1 bytes", Outcome.ENDED, a -> {
        a.handshake("");
        a.send("MSG n 2 -1\r\n");
    }),
    HEADERS_LONGER_THAN_THE_MESSAGE("headers that are longer than all", Outcome.ENDED, a -> {
        a.handshake("");
        a.send("HMSG n 2 100 50\r\n");
        a.flood("x");
    }),
    HEADERS_BY_THE_THOUSAND("100,000 headers in one message", Outcome.IGNORED, a -> {
        a.handshake("");
        String block = "NATS/1.0\r\n" + "a:b\r\n".repeat(100_000) + "\r\n";
        a.send("HMSG n 2 " + block.length() + " " + block.length() + "\r\n" + block + "\r\n");
    }),
    HEADER_OF_MEGABYTES("one header of 4 MB, no colon in it", Outcome.IGNORED, a -> {
        a.handshake("");
        String block = "NATS/1.0\r\n" + "a".repeat(4_000_000) + "\r\n\r\n";
        a.send("HMSG n 2 " + block.length() + " " + block.length() + "\r\n" + block + "\r\n");
    }),
    UNKNOWN_SIDS("messages for a million subscriptions that are none", Outcome.IGNORED, a -> {
        a.handshake("");
        for (int i = 0; i < 1_000_000 && !a.isOver(); i += 1_000) {
            int first = 1_000 + i;
            a.send(IntStream.range(first, first + 1_000)
                    .mapToObj(sid -> "MSG n " + sid + " 1\r\nx\r\n")
                    .collect(Collectors.joining()));
        }
    }),
    UNKNOWN_REPLIES("replies to requests that nobody made", Outcome.IGNORED, a -> {
        a.handshake("");
        for (int i = 0; i < 200_000 && !a.isOver(); i += 1_000) {
            int first = i;
            a.send(IntStream.range(first, first + 1_000)
                    .mapToObj(token -> "MSG _INBOX.x." + token + " 1 1\r\nx\r\n")
                    .collect(Collectors.joining()));
        }
        a.flood("MSG > 1 1\r\nx\r\nMSG * 1 1\r\nx\r\nMSG _INBOX.*.> 1 0\r\n\r\nMSG \u00ff 1 0\r\n\r\n");
    }),
    REPLY_REPLAYED("the reply to one request, without end", Outcome.IGNORED, a -> {
        a.handshake("");
        String reply = a.reply();
        a.flood("MSG " + reply + " 1 4\r\nonce\r\n");
    }),
    NEVER_READS("takes nothing that the client sends", Outcome.IGNORED, a -> {
        a.handshake("");
        a.stopReading();
    });

    final String words;
    final Outcome expected;

    @SuppressWarnings("ImmutableEnumChecker") // They have no state.
    final Attacker.Script script;

    Attack(String words, Outcome expected, Attacker.Script script) {
        this.words = words;
        this.expected = expected;
        this.script = script;
    }

    /** An INFO line of so many bytes, its end included. */
    private static String info(int bytes) {
        String begin = "INFO {\"server_id\":\"HOSTILE\",\"version\":\"2.10.0\",\"proto\":1,\"x\":\"";
        String end = "\"}\r\n";
        return begin + "x".repeat(bytes - begin.length() - end.length()) + end;
    }
}
