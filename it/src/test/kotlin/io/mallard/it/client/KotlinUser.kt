package io.mallard.it.client

import io.mallard.Headers
import io.mallard.NatsClient
import io.mallard.NatsMessage
import io.mallard.RequestManyOptions
import java.time.Duration
import java.util.concurrent.CompletableFuture

/**
 * What somebody writes who uses the client from Kotlin: it compiles, without a warning, because signatures and annotations are
 * as Kotlin wants them.
 */
object KotlinUser {
    private val timeout: Duration = Duration.ofSeconds(5)

    /** Lambdas go behind the parentheses, though there are several ways to subscribe; what is open is closed. */
    @JvmStatic
    fun askItself(url: String): String =
        NatsClient.connect(url).use { client ->
            client.subscribe("kotlin.greet") { it.respond("hello ${it.text()}".toByteArray()) }
            client.subscribe("kotlin.greet", "observers") { message -> check(message.subject().isNotEmpty()) }
            client.request("kotlin.greet", "anna".toByteArray(), timeout).text()
        }

    /** What may be null is so in Kotlin, too, and what may not be needs no check. */
    @JvmStatic
    fun take(client: NatsClient, subject: String): List<String> {
        val subscription = client.subscribe(subject)
        client.flush(timeout)
        repeat(3) { client.publish(subject, Headers.of("Number", "$it"), "$it".toByteArray()) }
        client.flush(timeout)
        val taken = mutableListOf<String>()
        while (true) {
            val next: NatsMessage? = subscription.nextMessage(Duration.ofMillis(200))
            val message: NatsMessage = next ?: break
            val number: String = message.headers().first("Number") ?: "none"
            val replyLength: Int = message.reply()?.length ?: 0
            taken += "${message.text()}/$number/$replyLength"
        }
        subscription.unsubscribe()
        return taken
    }

    /** Without coroutines: a future goes on with a lambda. */
    @JvmStatic
    fun askLater(client: NatsClient, subject: String): CompletableFuture<String> =
        client.requestAsync(subject, "bert".toByteArray(), timeout).thenApply { it.text() }

    @JvmStatic
    fun askMany(client: NatsClient, subject: String): List<String> {
        val answers = mutableListOf<String>()
        client.requestMany(subject, ByteArray(0), RequestManyOptions.timeout(timeout)) {
            answers += it.text()
            answers.size < 2
        }
        return answers.sorted()
    }

    private fun NatsMessage.text() = payload().decodeToString()
}
