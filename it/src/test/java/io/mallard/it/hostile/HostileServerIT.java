package io.mallard.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.mallard.it.support.NatsServer;
import io.mallard.it.support.NoLeaks;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a hostile server does costs at most its own connection, and little memory. */
@NoLeaks
class HostileServerIT {
    private static NatsServer good;

    @BeforeAll
    static void startGood() {
        good = NatsServer.startDefault();
    }

    @AfterAll
    static void stopGood() {
        good.close();
    }

    @ParameterizedTest
    @EnumSource
    void standsEveryAttack(Attack attack) {
        AttackResult result = new AttackRun(good).play(attack);

        assertThat(result.faults()).as("%s", result).isEmpty();
        assertThat(result.connections()).as("the attack took place").isPositive();
    }

    /** A client that believes a length before the bytes are there: the measurement sees it, and its fault is told. */
    @Test
    void seesAClientThatAllocatesFirst() throws IOException {
        byte[] believed;
        try (HostileServer server = new HostileServer(a -> a.send("MSG n 2 100000000\r\n"));
                MemoryWatch memory = MemoryWatch.begin();
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(),
                        URI.create(server.url()).getPort())) {
            byte[] line = new byte["MSG n 2 100000000\r\n".length()];
            new DataInputStream(socket.getInputStream()).readFully(line);
            believed = new byte
                    [Integer.parseInt(new String(line, java.nio.charset.StandardCharsets.US_ASCII)
                            .strip()
                            .split(" ", -1)[3])];
            memory.end();

            AttackResult result = new AttackResult(
                    Attack.LENGTH_BEYOND_THE_LIMIT, Outcome.ENDED, "x", true, 0, 1, memory.heapBytes(), 0, 0);
            assertThat(result.faults()).singleElement().asString().contains("bytes of heap");
        }
        assertThat(believed).hasSize(100_000_000);
    }
}
