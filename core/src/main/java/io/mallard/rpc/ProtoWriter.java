package io.mallard.rpc;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the fields of a protobuf message, of proto3: what has its default value is left out.
 *
 * <p>Threading: used by one thread.
 */
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private byte[] bytes = new byte[64];
    private int size;

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    ProtoWriter varint(int field, long value) {
        if (value != 0) {
            rawVarint(((long) field << 3) | VARINT);
            rawVarint(value);
        }
        return this;
    }

    ProtoWriter string(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoWriter bytes(int field, byte[] value) {
        return value.length == 0 ? this : message(field, value);
    }

    /** A message is there even if it is empty. */
    ProtoWriter message(int field, byte[] encoded) {
        rawVarint(((long) field << 3) | LENGTH_DELIMITED);
        rawVarint(encoded.length);
        room(encoded.length);
        System.arraycopy(encoded, 0, bytes, size, encoded.length);
        size += encoded.length;
        return this;
    }

    private void rawVarint(long value) {
        room(10);
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes[size++] = (byte) ((left & 0x7f) | 0x80);
            left >>>= 7;
        }
        bytes[size++] = (byte) left;
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
        }
    }
}
