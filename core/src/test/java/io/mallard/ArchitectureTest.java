package io.mallard;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.mallard.protocol.wire.ProtocolParser;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.invoke.MethodHandles;
import java.net.URL;
import java.util.List;
import java.util.ResourceBundle;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tree promises: which way dependencies point, and what stays out of which package. */
class ArchitectureTest {
    private static final String WIRE = "io.mallard.protocol.wire";
    private static final String PROTOCOL = "io.mallard.protocol..";
    private static final String RPC = "io.mallard.rpc";
    private static final String INTERNAL = "io.mallard.internal..";

    private static final Pattern LOOK_UP =
            Pattern.compile("forName|newInstance|get(Declared)?(Class|Constructor|Field|Method)(es|s)?|getResource.*");

    private static final JavaClasses MAIN =
            new ClassFileImporter().importUrls(List.of(home(NatsClient.class), home(ProtocolParser.class)));

    private static URL home(Class<?> inModule) {
        return inModule.getProtectionDomain().getCodeSource().getLocation();
    }

    @Test
    void bothModulesAreLookedAt() {
        assertThat(MAIN.contain(NatsClient.class)).isTrue();
        assertThat(MAIN.contain(ProtocolParser.class)).isTrue();
        assertThat(MAIN.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void theCodecKnowsNoThreadNoClockNoLogAndNoSocket() {
        noClasses()
                .that()
                .resideInAPackage(WIRE)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "java.net..", "java.nio.channels..", "java.util.concurrent..", "org.slf4j.."))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(System.Logger.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(MAIN);
    }

    @Test
    void theProtocolDependsOnTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage(PROTOCOL)
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("java..", "javax.net.ssl", PROTOCOL, "org.jspecify.annotations"))
                .check(MAIN);
    }

    @Test
    void theCodecKnowsNothingOfTheTransports() {
        noClasses()
                .that()
                .resideInAPackage(WIRE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.mallard.protocol.net")
                .check(MAIN);
    }

    /** Whoever uses the client could have written it. */
    @Test
    void callsAreMadeOfTheClientAlone() {
        classes()
                .that()
                .resideInAPackage(RPC)
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("java..", "io.mallard", RPC, "org.slf4j", "org.jspecify.annotations"))
                .check(MAIN);
        noClasses()
                .that(not(resideInAPackage(RPC)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(RPC)
                .check(MAIN);
    }

    @Test
    void usersSeeNothingOfTheInside() {
        methods()
                .that()
                .areDeclaredInClassesThat(resideInAnyPackage("io.mallard", RPC))
                .should(mentionOnlyWhatUsersSee())
                .check(MAIN);
        constructors()
                .that()
                .areDeclaredInClassesThat(resideInAnyPackage("io.mallard", RPC))
                .should(mentionOnlyWhatUsersSee())
                .check(MAIN);
        fields().that()
                .areDeclaredInClassesThat(resideInAnyPackage("io.mallard", RPC))
                .should(mentionOnlyWhatUsersSee())
                .check(MAIN);
    }

    /** Of members a user of the module can reach: public or protected, in a public class. */
    private static <M extends JavaMember> ArchCondition<M> mentionOnlyWhatUsersSee() {
        return new ArchCondition<>("mention neither internal nor protocol types") {
            @Override
            public void check(M member, ConditionEvents events) {
                if (!isVisible(member)) {
                    return;
                }
                Stream<JavaClass> mentioned = member.getAllInvolvedRawTypes().stream();
                mentioned
                        .filter(resideInAnyPackage(INTERNAL, PROTOCOL))
                        .forEach(type -> events.add(SimpleConditionEvent.violated(
                                member, member.getDescription() + " mentions " + type.getName())));
            }
        };
    }

    private static boolean isVisible(JavaMember member) {
        return member.getOwner().getModifiers().contains(JavaModifier.PUBLIC)
                && (member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED));
    }

    @Test
    void packagesOfTheInsideHaveNoCycles() {
        slices().matching("io.mallard.internal.(*)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void dependenciesPointOneWay() {
        mayDependOn("server");
        mayDependOn("outbound");
        mayDependOn("observe");
        mayDependOn("connection", "outbound", "server");
        mayDependOn("auth", "connection", "outbound", "server");
        mayDependOn("route", "connection", "outbound", "server");
        mayDependOn("publish", "outbound", "route");
        mayDependOn("request", "observe", "outbound", "publish", "route");
        mayDependOn("subscribe", "outbound", "request");
        mayDependOn("handover", "connection", "outbound", "request", "subscribe");
    }

    /** Besides what users see, the codec, the transports and {@code LongMap}. */
    private static void mayDependOn(String from, String... to) {
        String[] others = Stream.concat(Stream.of(from), Stream.of(to))
                .map(name -> "io.mallard.internal." + name)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("io.mallard.internal." + from)
                .should()
                .dependOnClassesThat(resideInAPackage("io.mallard.internal.*").and(not(resideInAnyPackage(others))))
                .check(MAIN);
    }

    @Test
    void onlyTheClientItselfIsMadeOfTheInside() {
        noClasses()
                .that()
                .resideInAPackage("io.mallard")
                .and()
                .doNotHaveFullyQualifiedName(NatsClient.class.getName())
                .and()
                .doNotHaveFullyQualifiedName(NatsOptions.class.getName()) // checks the URLs it is given
                .and()
                .doNotHaveFullyQualifiedName(Rehearsal.class.getName()) // makes a client of other parts
                .and()
                .haveNameNotMatching(NatsClient.class.getName() + "\\$.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(INTERNAL, PROTOCOL)
                .check(MAIN);
    }

    /** A virtual thread that blocks inside one would pin its carrier. */
    @Test
    void noMethodIsSynchronized() {
        methods().should().notHaveModifier(JavaModifier.SYNCHRONIZED).check(MAIN);
    }

    /** So a native image need not be told of anything: not of classes, nor of members, services or resources. */
    private static final ArchRule NOTHING_IS_FOUND_BY_NAME = noClasses()
            .should()
            .dependOnClassesThat(resideInAnyPackage("java.lang.reflect..", "java.lang.invoke..", "sun.misc..")
                    .or(belongToAnyOf(
                            ClassLoader.class,
                            ServiceLoader.class,
                            ResourceBundle.class,
                            ObjectInputStream.class,
                            ObjectOutputStream.class)))
            .orShould()
            .callMethodWhere(describe(
                    "asks a class for others, for its members or for resources",
                    call -> call.getTargetOwner().isEquivalentTo(Class.class)
                            && LOOK_UP.matcher(call.getName()).matches()));

    @Test
    void nothingIsFoundByName() {
        NOTHING_IS_FOUND_BY_NAME.check(MAIN);
    }

    @ParameterizedTest
    @ValueSource(classes = {FindsClass.class, FindsResource.class, FindsService.class, FindsVariable.class})
    void whatIsFoundByNameIsSeen(Class<?> doctored) {
        JavaClasses imported = new ClassFileImporter().importClasses(doctored);

        assertThat(NOTHING_IS_FOUND_BY_NAME.evaluate(imported).hasViolation()).isTrue();
    }

    static final class FindsClass {
        static Class<?> find(String name) throws ClassNotFoundException {
            return Class.forName(name, true, null);
        }
    }

    static final class FindsResource {
        static URL find(String name) {
            return FindsResource.class.getResource(name);
        }
    }

    static final class FindsService {
        static Object find() {
            return ServiceLoader.load(Runnable.class);
        }
    }

    static final class FindsVariable {
        static Object find() throws ReflectiveOperationException {
            return MethodHandles.lookup().findStaticVarHandle(FindsVariable.class, "name", String.class);
        }
    }
}
