// Asks the official C client what the JMH benchmarks ask the others, and prints "FIGURE value" lines.
//
//   natsc_bench version
//   natsc_bench URL publish|deliver|request|requests PAYLOAD_BYTES WARM_UP_MS MEASURED_MS [AUTHORITY_PEM]
//
// Threading: the main thread asks; handlers run on threads of the client.

#include <errno.h>
#include <nats/nats.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SUBJECT "pond.duck"
#define INBOX "pond.inbox"
#define TIMEOUT_MS 30000
#define PUBLISH_BATCH 20000
#define REQUEST_BATCH 10000
#define IN_FLIGHT 256
#define MAX_SAMPLES 2000000

static natsConnection *connection;
static natsConnection *responder;
static char *payload;
// Who has signed the server's certificate; NULL without TLS.
static const char *authority;
static int payloadBytes;

// Posted by handlers.
static sem_t arrived;

// Owned by the handler, but for the time between two batches.
static int leftOfBatch;

static uint32_t samplesNs[MAX_SAMPLES];
static size_t samples;

static void check(natsStatus status, const char *what) {
    if (status != NATS_OK) {
        fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(status));
        exit(1);
    }
}

static int64_t nowNs(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void awaitArrival(void) {
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += TIMEOUT_MS / 1000;
    while (sem_timedwait(&arrived, &deadline) != 0) {
        if (errno != EINTR) {
            fprintf(stderr, "nothing came within %d ms\n", TIMEOUT_MS);
            exit(1);
        }
    }
}

static void onDelivered(natsConnection *c, natsSubscription *s, natsMsg *message, void *closure) {
    natsMsg_Destroy(message);
    if (--leftOfBatch == 0) {
        sem_post(&arrived);
    }
}

static void onQuestion(natsConnection *c, natsSubscription *s, natsMsg *message, void *closure) {
    check(natsConnection_Publish(c, natsMsg_GetReply(message), natsMsg_GetData(message), natsMsg_GetDataLength(message)),
          "answer");
    natsMsg_Destroy(message);
}

static void onAnswer(natsConnection *c, natsSubscription *s, natsMsg *message, void *closure) {
    natsMsg_Destroy(message);
    sem_post(&arrived);
}

// Left alone, a publish may wait a millisecond for others to leave with it: that is for throughput, not for an answer
// somebody waits for.
static void connectTo(natsConnection **to, const char *url, bool promptly) {
    natsOptions *options;
    check(natsOptions_Create(&options), "options");
    check(natsOptions_SetURL(options, url), "url");
    check(natsOptions_SetSendAsap(options, promptly), "send asap");
    if (authority != NULL) {
        check(natsOptions_SetSecure(options, true), "secure");
        check(natsOptions_LoadCATrustedCertificates(options, authority), "authority");
    }
    check(natsConnection_Connect(to, options), "connect");
    natsOptions_Destroy(options);
}

static void subscribe(natsConnection *to, const char *subject, natsMsgHandler handler) {
    natsSubscription *subscription;
    check(natsConnection_Subscribe(&subscription, to, subject, handler, NULL), "subscribe");
    check(natsConnection_FlushTimeout(to, TIMEOUT_MS), "flush");
}

// Each returns how many operations it was.

static int publishBatch(void) {
    for (int i = 0; i < PUBLISH_BATCH; i++) {
        check(natsConnection_Publish(connection, SUBJECT, payload, payloadBytes), "publish");
    }
    check(natsConnection_FlushTimeout(connection, TIMEOUT_MS), "flush");
    return PUBLISH_BATCH;
}

static int deliverBatch(void) {
    leftOfBatch = PUBLISH_BATCH;
    for (int i = 0; i < PUBLISH_BATCH; i++) {
        check(natsConnection_Publish(connection, SUBJECT, payload, payloadBytes), "publish");
    }
    awaitArrival();
    return PUBLISH_BATCH;
}

static int request(void) {
    natsMsg *answer;
    int64_t begunNs = nowNs(CLOCK_MONOTONIC);
    check(natsConnection_Request(&answer, connection, SUBJECT, payload, payloadBytes, TIMEOUT_MS), "request");
    if (samples < MAX_SAMPLES) {
        samplesNs[samples++] = (uint32_t) (nowNs(CLOCK_MONOTONIC) - begunNs);
    }
    natsMsg_Destroy(answer);
    return 1;
}

// The client has no asynchronous request: publishes with a reply subject, and one subscription to it.
static int requestBatch(void) {
    for (int i = 0; i < REQUEST_BATCH; i++) {
        if (i >= IN_FLIGHT) {
            awaitArrival();
        }
        check(natsConnection_PublishRequest(connection, SUBJECT, INBOX, payload, payloadBytes), "request");
    }
    for (int i = 0; i < IN_FLIGHT; i++) {
        awaitArrival();
    }
    return REQUEST_BATCH;
}

static int64_t runFor(int (*batch)(void), int64_t ms) {
    int64_t endNs = nowNs(CLOCK_MONOTONIC) + ms * 1000000;
    int64_t operations = 0;
    while (nowNs(CLOCK_MONOTONIC) < endNs) {
        operations += batch();
    }
    return operations;
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *) a;
    uint32_t y = *(const uint32_t *) b;
    return (x > y) - (x < y);
}

int main(int count, char **words) {
    if (count == 2 && strcmp(words[1], "version") == 0) {
        printf("%s\n", nats_GetVersion());
        return 0;
    }
    if (count != 6 && count != 7) {
        fprintf(stderr, "URL, question, payload bytes, ms to warm up, ms to measure, PEM of the authority if TLS\n");
        return 2;
    }
    const char *question = words[2];
    authority = count == 7 ? words[6] : NULL;
    payloadBytes = atoi(words[3]);
    payload = calloc(1, (size_t) payloadBytes);
    sem_init(&arrived, 0, 0);
    connectTo(&connection, words[1], false);

    int (*batch)(void);
    if (strcmp(question, "publish") == 0) {
        batch = publishBatch;
    } else if (strcmp(question, "deliver") == 0) {
        batch = deliverBatch;
        subscribe(connection, SUBJECT, onDelivered);
    } else {
        connectTo(&responder, words[1], strcmp(question, "request") == 0);
        subscribe(responder, SUBJECT, onQuestion);
        if (strcmp(question, "requests") == 0) {
            batch = requestBatch;
            subscribe(connection, INBOX, onAnswer);
        } else if (strcmp(question, "request") == 0) {
            batch = request;
        } else {
            fprintf(stderr, "no such question: %s\n", question);
            return 2;
        }
    }

    runFor(batch, atol(words[4]));
    samples = 0;
    int64_t cpuNs = nowNs(CLOCK_PROCESS_CPUTIME_ID);
    int64_t begunNs = nowNs(CLOCK_MONOTONIC);
    int64_t operations = runFor(batch, atol(words[5]));
    int64_t tookNs = nowNs(CLOCK_MONOTONIC) - begunNs;
    cpuNs = nowNs(CLOCK_PROCESS_CPUTIME_ID) - cpuNs;

    if (samples > 0) {
        qsort(samplesNs, samples, sizeof samplesNs[0], compare);
        printf("P50_US %.3f\n", samplesNs[samples / 2] / 1e3);
        printf("P99_US %.3f\n", samplesNs[samples * 99 / 100] / 1e3);
    } else {
        printf("THROUGHPUT %.3f\n", operations * 1e9 / tookNs);
    }
    printf("CPU_NS %.3f\n", (double) cpuNs / operations);
    return 0;
}
