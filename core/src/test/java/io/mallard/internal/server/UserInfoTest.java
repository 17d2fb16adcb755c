package io.mallard.internal.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserInfoTest {
    @ParameterizedTest
    @CsvSource({
        "nats://duck:s3cret@a:1, duck, s3cret",
        "duck:s3cret@a, duck, s3cret",
        "nats://duck:@a, duck, ''",
        "nats://s3cret@a, s3cret,",
        "nats://d%40ck:s%3a%2F%25%c3%bC+cret@a, d@ck, s:/%ü+cret",
        "nats://duck:s3:cr@t@a, duck, s3:cr@t",
        "nats://a%2Cb@c, 'a,b',",
    })
    void readsUserAndPasswordOrAToken(String url, String name, String password) {
        assertThat(UserInfo.of(url)).isEqualTo(new UserInfo(name, password));
        assertThat(UserInfo.of(url).toString()).doesNotContain("s3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats://a:1", "a", "nats://@a", "@a", ""})
    void findsNoneWhereThereAreNone(String url) {
        assertThat(UserInfo.of(url)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret%@a", "s3cret%4@a", "s3cret%4g@a", "duck:%s3cret@a"})
    void refusesAPercentSignThatStandsForNothing(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UserInfo.of(url))
                .withMessageContaining("%25")
                .withMessageNotContaining("s3cret");
    }

    @Test
    void aPasswordMayEndWithADigit() {
        assertThat(UserInfo.of("duck:%31@a")).isEqualTo(new UserInfo("duck", "1"));
    }
}
