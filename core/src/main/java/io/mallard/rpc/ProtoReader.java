package io.mallard.rpc;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a protobuf message one after the other; those that nobody asks for are skipped. Nothing is allocated that is
 * larger than what is there.
 *
 * <p>Threading: used by one thread.
 */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int GROUP_BEGIN = 3;
    private static final int GROUP_END = 4;
    private static final int FIXED_32 = 5;
    private static final int LONGEST_VARINT = 10;
    /** As deep as the reference implementation goes. */
    private static final int DEEPEST_GROUP = 100;

    private final byte[] bytes;
    private int position;
    private int end;
    private int field;
    private int wireType;
    /** The value of this field has not been read. */
    private boolean pending;
    /** Another part of the same message. */
    private @Nullable ProtoReader following;
    /** The last of the following ones, if there is one. */
    private ProtoReader last = this;

    ProtoReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private ProtoReader(byte[] bytes, int position, int end) {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /** Whether there is another field, which is the one that is read now. */
    boolean next() {
        if (pending) {
            pending = false;
            skip(0);
        }
        while (position == end && following != null) {
            position = following.position;
            end = following.end;
            following = following.following;
        }
        pending = position < end;
        if (pending) {
            readTag();
        }
        return pending;
    }

    int field() {
        return field;
    }

    /** The number that is this field's value; {@code known} if its value is none: then this is a field that nobody knows. */
    long varint(long known) {
        return isOf(VARINT) ? rawVarint() : known;
    }

    /** As {@link #varint}. */
    byte[] bytes(byte[] known) {
        if (!isOf(LENGTH_DELIMITED)) {
            return known;
        }
        int from = beginOfValue();
        return Arrays.copyOfRange(bytes, from, position);
    }

    /** As {@link #varint}. */
    String string(String known) {
        if (!isOf(LENGTH_DELIMITED)) {
            return known;
        }
        int from = beginOfValue();
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, position - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("a string that is not UTF-8");
        }
    }

    /**
     * The message that is this field's value. A field that comes several times is one message in parts, of which {@code known} has the
     * earlier ones.
     */
    @Nullable
    ProtoReader message(@Nullable ProtoReader known) {
        if (!isOf(LENGTH_DELIMITED)) {
            return known;
        }
        int from = beginOfValue();
        ProtoReader part = new ProtoReader(bytes, from, position);
        if (known == null) {
            return part;
        }
        known.last.following = part;
        known.last = part;
        return known;
    }

    private boolean isOf(int type) {
        pending = pending && wireType != type;
        return wireType == type;
    }

    /** It ends where the reader is now. */
    private int beginOfValue() {
        int length = length();
        position += length;
        return position - length;
    }

    private void readTag() {
        long tag = rawVarint();
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        if (tag >>> 32 != 0 || field == 0) {
            throw malformed("field number " + (tag >>> 3));
        }
    }

    private void skip(int depth) {
        switch (wireType) {
            case VARINT -> rawVarint();
            case FIXED_64 -> advance(Long.BYTES);
            case LENGTH_DELIMITED -> advance(length());
            case GROUP_BEGIN -> skipGroup(field, depth + 1);
            case FIXED_32 -> advance(Integer.BYTES);
            default -> throw malformed("wire type " + wireType);
        }
    }

    private void skipGroup(int group, int depth) {
        if (depth > DEEPEST_GROUP) {
            throw malformed("groups in groups, more than " + DEEPEST_GROUP + " deep");
        }
        readTag();
        while (wireType != GROUP_END) {
            skip(depth);
            readTag();
        }
        if (field != group) {
            throw malformed("the end of another group than " + group);
        }
    }

    private int length() {
        long length = rawVarint();
        if (length < 0 || length > end - position) {
            throw malformed(
                    "length " + Long.toUnsignedString(length) + " where " + (end - position) + " bytes are left");
        }
        return (int) length;
    }

    private void advance(int count) {
        if (count > end - position) {
            throw malformed("the end in the middle of a value");
        }
        position += count;
    }

    private long rawVarint() {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (position == end) {
                throw malformed("the end where a number should be");
            }
            byte next = bytes[position++];
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a number of more than " + LONGEST_VARINT + " bytes");
    }

    private RpcFormatException malformed(String what) {
        return new RpcFormatException("not a protobuf message: " + what + ", in field " + field + ", at byte "
                + position + " of " + bytes.length);
    }
}
