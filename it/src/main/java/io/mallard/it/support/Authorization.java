package io.mallard.it.support;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Who may connect to a {@link NatsServer}, and to do what.
 *
 * <p>Threading: immutable.
 */
public sealed interface Authorization
        permits Authorization.Accounts,
                Authorization.Anyone,
                Authorization.Nkeys,
                Authorization.Token,
                Authorization.UserPassword,
                Authorization.Users,
                Operator {
    /** What the configuration file says about it, in lines. */
    String text();

    record Anyone() implements Authorization {
        @Override
        public String text() {
            return "";
        }
    }

    record UserPassword(String user, String password) implements Authorization {
        @Override
        public String text() {
            return String.format(Locale.ROOT, "authorization { user: \"%s\", password: \"%s\" }\n", user, password);
        }
    }

    /** Users whom the server knows by their public keys. */
    record Nkeys(List<String> publicKeys) implements Authorization {
        public Nkeys {
            publicKeys = List.copyOf(publicKeys);
        }

        @Override
        public String text() {
            return publicKeys.stream()
                    .map(key -> "{ nkey: \"" + key + "\" }")
                    .collect(Collectors.joining("\n", "authorization { users: [\n", "\n] }\n"));
        }
    }

    record Token(String token) implements Authorization {
        @Override
        public String text() {
            return String.format(Locale.ROOT, "authorization { token: \"%s\" }\n", token);
        }
    }

    /** Users who all belong to the account that everybody belongs to. */
    record Users(List<User> users) implements Authorization {
        public Users {
            users = List.copyOf(users);
        }

        @Override
        public String text() {
            return "authorization { users: [\n" + lines(users) + "] }\n";
        }
    }

    /** Users who see only those of their own account. */
    record Accounts(List<Account> accounts) implements Authorization {
        public Accounts {
            accounts = List.copyOf(accounts);
        }

        @Override
        public String text() {
            return accounts.stream().map(Account::text).collect(Collectors.joining("", "accounts {\n", "}\n"));
        }
    }

    /** Somebody who connects with a password. */
    record User(String name, String password, Permissions permissions) {
        /** One who may do everything. */
        public User(String name, String password) {
            this(name, password, Permissions.all());
        }

        String text() {
            return String.format(
                    Locale.ROOT,
                    "{ user: \"%s\", password: \"%s\", permissions: %s }\n",
                    name,
                    password,
                    permissions.text());
        }
    }

    /**
     * Users and what they share.
     *
     * @param maxConnections of all of them together, in the whole cluster
     */
    record Account(String name, OptionalInt maxConnections, List<User> users) {
        public Account {
            users = List.copyOf(users);
        }

        /** One without limits. */
        public static Account of(String name, User... users) {
            return new Account(name, OptionalInt.empty(), List.of(users));
        }

        public Account withMaxConnections(int connections) {
            return new Account(name, OptionalInt.of(connections), users);
        }

        String text() {
            String limits =
                    maxConnections.isPresent() ? "limits { max_connections: " + maxConnections.getAsInt() + " }\n" : "";
            return name + " {\n" + limits + "users: [\n" + lines(users) + "] }\n";
        }
    }

    private static String lines(List<User> users) {
        return users.stream().map(User::text).collect(Collectors.joining());
    }
}
