import { Provisioning, ProvisioningMetrics } from "@effect-postmark/automation"
import { Connections, Subscriptions } from "@effect-postmark/core"
import type { PostmarkDouble } from "@effect-postmark/test-double"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Logger, Metric, Option, Redacted, TestClock } from "effect"
import { email, world } from "./gapFillKit.ts"

const publicUrl = "https://hooks.example.com/"

const triggers = ["postmark/email-delivered", "postmark/email-bounced", "postmark/email-opened"]

/** A connection that is subscribed and has no webhook yet. */
const subscribed = (double: PostmarkDouble.Options = {}) =>
  Effect.gen(function*() {
    const here = yield* world({ isProvisioned: false, double: { webhookProbes: true, ...double } })
    const subscriptions = Context.get(here.context, Subscriptions.Subscriptions)
    for (const trigger of triggers) yield* subscriptions.subscribe({ connectionId: here.connectionId, trigger })
    const provisioning = yield* Provisioning.make({ publicUrl }).pipe(Effect.provide(here.context))
    const url = `https://hooks.example.com/v1/webhooks/${here.connectionId}`
    const secrets = Effect.map(subscriptions.secrets(here.connectionId), (all) => all.map(Redacted.value))
    return { ...here, provisioning, secrets, subscriptions, url }
  })

const on = { enabled: true }
const off = { enabled: false }

describe("provision", () => {
  it.scoped("creates a verified webhook for the subscriptions, with the secret, and changes nothing when repeated", () =>
    Effect.gen(function*() {
      const { client, connectionId, double, events, provisioning, secrets, url } = yield* subscribed()
      const first = yield* provisioning.provision({ connectionId })
      assert.deepStrictEqual(first.streams, [{
        messageStream: "outbound",
        webhookId: first.streams[0]?.webhookId ?? null,
        action: "created",
        changes: [],
        verification: { success: true, failed: [] },
        failure: null
      }])
      assert.isTrue(first.isComplete)
      assert.strictEqual(first.receiverUrl, url)
      const [webhook] = yield* client.webhooks.list()
      assert.isDefined(webhook)
      assert.strictEqual(webhook.url, url)
      assert.strictEqual(webhook.status, "verified")
      assert.deepStrictEqual(
        webhook.httpHeaders?.map(({ name, value }) => [name, Redacted.value(value)]),
        [["Authorization", (yield* secrets)[0] ?? ""]]
      )
      assert.deepStrictEqual(webhook.triggers, {
        open: { enabled: true, postFirstOpenOnly: false },
        click: off,
        delivery: on,
        bounce: { enabled: true, includeContent: false },
        spamComplaint: { enabled: false, includeContent: false },
        subscriptionChange: off
      })
      const again = yield* provisioning.provision({ connectionId })
      assert.strictEqual(again.streams[0]?.action, "unchanged")
      assert.deepStrictEqual(yield* client.webhooks.list(), [webhook])
      yield* client.sendEmail(email)
      yield* double.settled
      assert.deepStrictEqual(
        (yield* events).filter(({ status }) => status === "decoded").map(({ trigger }) => trigger),
        [
          "postmark/email-delivered"
        ]
      )
      assert.deepStrictEqual((yield* provisioning.check(connectionId)).map(({ state }) => state), ["ok"])
    }))

  it.scoped("provisions each stream that it is given", () =>
    Effect.gen(function*() {
      const { client, connectionId, provisioning } = yield* subscribed()
      const { isComplete, streams } = yield* provisioning.provision({
        connectionId,
        messageStreams: ["outbound", "broadcast", "no-such-stream"]
      })
      assert.isFalse(isComplete)
      assert.deepStrictEqual(streams.map(({ action, failure }) => [action, failure?.tag]), [
        ["created", undefined],
        ["created", undefined],
        ["failed", "ValidationFailure"]
      ])
      assert.deepStrictEqual((yield* client.webhooks.list()).map(({ messageStream }) => messageStream), [
        "outbound",
        "broadcast"
      ])
    }))

  it.scoped("repairs what was edited by hand, keeps foreign headers, and names the differences without the secret", () =>
    Effect.gen(function*() {
      const { client, connectionId, provisioning, secrets, url } = yield* subscribed()
      yield* provisioning.provision({ connectionId })
      const [webhook] = yield* client.webhooks.list()
      assert.isDefined(webhook)
      const foreign = { name: "X-Own", value: Redacted.make("own") }
      yield* client.webhooks.update(webhook.id, {
        url: url.replace("://", "://user:pass@").replace("hooks.example.com", "HOOKS.example.com"),
        httpHeaders: [foreign, { name: "authorization", value: Redacted.make("Bearer another secret") }],
        triggers: { bounce: off, click: on },
        verify: false
      })
      const differences = ["url", "authorization", "triggers.bounce", "triggers.click"]
      const [check] = yield* provisioning.check(connectionId)
      assert.strictEqual(check?.state, "edited")
      assert.deepStrictEqual(
        [...check?.differences ?? []].sort().filter((name) => !name.startsWith("paused")),
        [
          ...differences
        ].sort()
      )
      const repaired = yield* provisioning.provision({ connectionId })
      assert.strictEqual(repaired.streams[0]?.action, "repaired")
      assert.strictEqual(repaired.streams[0]?.webhookId, webhook.id)
      assert.deepStrictEqual([...repaired.streams[0]?.changes ?? []].sort(), [...differences].sort())
      const [after] = yield* client.webhooks.list()
      assert.strictEqual(after?.url, url)
      assert.strictEqual(after?.status, "verified")
      assert.deepStrictEqual(after?.httpHeaders?.map(({ name, value }) => [name, Redacted.value(value)]), [
        ["X-Own", "own"],
        ["Authorization", (yield* secrets)[0] ?? ""]
      ])
      const texts = JSON.stringify([check, repaired])
      for (const secret of yield* secrets) assert.notInclude(texts, secret.replace("Bearer ", ""))
    }))

  it.scoped("replaces a webhook that got a user and a password, which would be a second Authorization header", () =>
    Effect.gen(function*() {
      const { client, connectionId, provisioning } = yield* subscribed()
      yield* provisioning.provision({ connectionId })
      const [webhook] = yield* client.webhooks.list()
      assert.isDefined(webhook)
      yield* client.webhooks.update(webhook.id, {
        httpAuth: { username: "u", password: Redacted.make("p") }
      })
      const [check] = yield* provisioning.check(connectionId)
      assert.deepStrictEqual(check?.differences, ["httpAuth"])
      const { streams } = yield* provisioning.provision({ connectionId })
      assert.deepStrictEqual([streams[0]?.action, streams[0]?.changes], ["replaced", ["httpAuth"]])
      const after = yield* client.webhooks.list()
      assert.strictEqual(after.length, 1)
      assert.notStrictEqual(after[0]?.id, webhook.id)
      assert.deepStrictEqual((yield* provisioning.check(connectionId)).map(({ state }) => state), ["ok"])
    }))

  it.scoped("creates a webhook again that was deleted by hand", () =>
    Effect.gen(function*() {
      const { client, connectionId, provisioning } = yield* subscribed()
      yield* provisioning.provision({ connectionId })
      const [webhook] = yield* client.webhooks.list()
      yield* client.webhooks.delete(webhook?.id ?? 0)
      assert.deepStrictEqual(yield* provisioning.check(connectionId), [
        { messageStream: "outbound", webhookId: null, state: "missing", differences: [] }
      ])
      const { streams } = yield* provisioning.provision({ connectionId })
      assert.strictEqual(streams[0]?.action, "created")
      assert.strictEqual((yield* client.webhooks.list()).length, 1)
    }))

  it.scoped("notices a trigger that Postmark paused, and verifies it again", () =>
    Effect.gen(function*() {
      const { client, connectionId, double, network, provisioning } = yield* subscribed({ pauseTriggerAfter: 1 })
      yield* provisioning.provision({ connectionId })
      network.isLost = () => true
      yield* client.sendEmail(email)
      yield* double.settled
      const [check] = yield* provisioning.check(connectionId)
      assert.deepStrictEqual([check?.state, check?.differences], ["paused", ["paused: Delivery"]])
      const failing = yield* provisioning.provision({ connectionId })
      assert.isFalse(failing.isComplete)
      assert.deepStrictEqual(failing.streams[0]?.verification?.failed.map(({ status }) => status), [403, 403, 403])
      network.isLost = () => false
      const { isComplete, streams } = yield* provisioning.provision({ connectionId })
      assert.isTrue(isComplete)
      assert.deepStrictEqual([streams[0]?.action, streams[0]?.changes], ["repaired", ["status"]])
      assert.deepStrictEqual((yield* provisioning.check(connectionId)).map(({ state }) => state), ["ok"])
    }))

  it.scoped("leaves one webhook when two processes provision at once", () =>
    Effect.gen(function*() {
      const { client, connectionId, context, provisioning } = yield* subscribed()
      const other = yield* Provisioning.make({ publicUrl }).pipe(Effect.provide(context))
      const results = yield* Effect.all(
        [provisioning, other, provisioning, other].map(({ provision }) => provision({ connectionId })),
        { concurrency: "unbounded" }
      )
      assert.isTrue(results.every(({ isComplete }) => isComplete))
      assert.strictEqual((yield* client.webhooks.list()).length, 1)
      const twin = yield* client.webhooks.create({ url: `${results[0]?.receiverUrl}/`, verify: false })
      assert.deepStrictEqual((yield* provisioning.check(connectionId)).map(({ differences }) => differences), [
        ["duplicates"]
      ])
      yield* provisioning.provision({ connectionId })
      assert.isFalse((yield* client.webhooks.list()).some(({ id }) => id === twin.id))
    }))

  it.scoped("leaves foreign webhooks alone, and reports the limit of webhooks for a stream", () =>
    Effect.gen(function*() {
      const { client, connectionId, double, provisioning } = yield* subscribed()
      for (let index = 0; index < 10; index++) {
        yield* client.webhooks.create({
          url: `https://hooks.example.com/v1/webhooks/foreign-${index}`,
          triggers: { bounce: on },
          verify: false
        })
      }
      const before = yield* client.webhooks.list()
      yield* double.injectFault({
        method: "POST",
        path: "/webhooks",
        first: 1,
        fault: {
          kind: "status",
          status: 422,
          body: { ErrorCode: 1359, Message: "You have reached the maximum number of webhooks for this stream." }
        }
      })
      const full = yield* provisioning.provision({ connectionId })
      assert.isFalse(full.isComplete)
      assert.strictEqual(full.streams[0]?.action, "failed")
      assert.strictEqual(full.streams[0]?.failure?.tag, "ValidationFailure")
      assert.include(full.streams[0]?.failure?.message, "1359")
      assert.deepStrictEqual(yield* client.webhooks.list(), before)
      const repeated = yield* provisioning.provision({ connectionId })
      assert.isTrue(repeated.isComplete)
      assert.deepStrictEqual((yield* client.webhooks.list()).slice(0, 10), before)
    }))

  it.scoped("reports a receiver that Postmark does not reach, and creates nothing", () =>
    Effect.gen(function*() {
      const { client, connectionId, network, provisioning } = yield* subscribed()
      network.isLost = () => true
      const { isComplete, streams } = yield* provisioning.provision({ connectionId })
      assert.isFalse(isComplete)
      assert.include(streams[0]?.failure?.message, "1364")
      assert.deepStrictEqual(yield* client.webhooks.list(), [])
      network.isLost = () => false
      assert.isTrue((yield* provisioning.provision({ connectionId })).isComplete)
    }))

  it.scoped("repairs a creation whose answer was lost, without a second webhook", () =>
    Effect.gen(function*() {
      const { client, connectionId, double, provisioning } = yield* subscribed()
      yield* double.injectFault({
        method: "POST",
        path: "/webhooks",
        first: 1,
        fault: { kind: "resetAfterAcceptance" }
      })
      const { streams } = yield* provisioning.provision({ connectionId })
      assert.strictEqual(streams[0]?.failure?.tag, "ChangeUnknown")
      assert.isTrue((yield* provisioning.provision({ connectionId })).isComplete)
      assert.strictEqual((yield* client.webhooks.list()).length, 1)
    }))

  it.scoped("turns open tracking on only when asked to, and notes hooks of the server that post here", () =>
    Effect.gen(function*() {
      const { client, connectionId, provisioning, url } = yield* subscribed()
      yield* client.server.edit({ deliveryHookUrl: url, bounceHookUrl: "https://foreign.example.com" })
      const plain = yield* provisioning.provision({ connectionId })
      assert.strictEqual(plain.openTracking, "off")
      assert.deepStrictEqual(plain.notes.map((note) => note.split(" ").slice(0, 4).join(" ")), [
        "the server's own deliveryHookUrl",
        "open tracking is off"
      ])
      assert.strictEqual((yield* provisioning.provision({ connectionId, openTracking: true })).openTracking, "turnedOn")
      assert.isTrue((yield* client.server.get).trackOpens)
      assert.strictEqual((yield* provisioning.provision({ connectionId })).openTracking, "on")
    }))

  it.scoped("fails when there is nothing to post, the token is not valid, or the connection is revoked", () =>
    Effect.gen(function*() {
      const { connectionId, context, double, provisioning } = yield* subscribed()
      const bare = yield* world({ isProvisioned: false })
      const other = yield* Provisioning.make({ publicUrl }).pipe(Effect.provide(bare.context))
      const tagOf = <A>(effect: Effect.Effect<A, { readonly _tag: string }>) =>
        Effect.map(Effect.flip(effect), ({ _tag }) => _tag)
      assert.strictEqual(yield* tagOf(other.provision({ connectionId: bare.connectionId })), "NotSubscribed")
      yield* double.injectFault({ fault: { kind: "status", status: 401, body: { ErrorCode: 10, Message: "No." } } })
      assert.strictEqual(yield* tagOf(provisioning.provision({ connectionId })), "InvalidToken")
      yield* double.clearFaults
      yield* Context.get(context, Connections.Connections).revoke(connectionId)
      assert.strictEqual(yield* tagOf(provisioning.provision({ connectionId })), "ConnectionRevoked")
      assert.strictEqual(yield* tagOf(provisioning.check(connectionId)), "ConnectionRevoked")
    }))
})

describe("rotateSecret", () => {
  it.scoped("refuses no event while the secret is rotated under traffic", () =>
    Effect.gen(function*() {
      const { client, connectionId, context, double, events, posts, secrets } = yield* subscribed()
      const send = Effect.zipRight(
        Effect.forEach([1, 2, 3, 4, 5], () => client.sendEmail(email), { concurrency: "unbounded", discard: true }),
        double.settled
      )
      // Events come between all steps, with the secret that Postmark has by then.
      const update: typeof client.webhooks.update = (id, change) =>
        Effect.orDie(send).pipe(
          Effect.zipRight(client.webhooks.update(id, change)),
          Effect.zipLeft(Effect.orDie(send))
        )
      const connections = Context.get(context, Connections.Connections)
      const provisioning = yield* Provisioning.make({ publicUrl }).pipe(
        Effect.provideService(Connections.Connections, {
          ...connections,
          client: () => Effect.succeed({ ...client, webhooks: { ...client.webhooks, update } })
        }),
        Effect.provide(context)
      )
      yield* provisioning.provision({ connectionId, messageStreams: ["outbound", "broadcast"] })
      const [old] = yield* secrets
      const rotated = yield* provisioning.rotateSecret({ connectionId })
      yield* send
      const refused = Effect.map(double.webhookAttempts, (all) => all.filter(({ status }) => status !== 200))
      assert.deepStrictEqual(yield* refused, [])
      assert.isTrue(rotated.isComplete)
      assert.deepStrictEqual(rotated.streams.map(({ action, changes }) => [action, changes]), [
        ["repaired", ["authorization"]],
        ["repaired", ["authorization"]]
      ])
      const next = Redacted.value(Option.getOrThrow(rotated.generatedSecret))
      assert.deepStrictEqual(yield* secrets, [next, old])
      const early = yield* Effect.flip(provisioning.finishRotation(connectionId))
      assert.strictEqual(early._tag === "RotationUnfinished" && early.reason, "grace")
      yield* TestClock.adjust("2 hours")
      yield* provisioning.finishRotation(connectionId)
      assert.deepStrictEqual(yield* secrets, [next])
      yield* send
      assert.deepStrictEqual(yield* refused, [])
      assert.isTrue(posts.some(({ headers }) => headers["Authorization"] === next))
      const delivered = (yield* events).filter(({ trigger }) => trigger === "postmark/email-delivered")
      assert.strictEqual(delivered.filter(({ status }) => status === "decoded").length, 30)
    }))

  it.scoped("continues a rotation that stopped halfway, and does not end one that Postmark does not have", () =>
    Effect.gen(function*() {
      const { connectionId, double, provisioning, secrets } = yield* subscribed()
      yield* provisioning.provision({ connectionId, messageStreams: ["outbound", "broadcast"] })
      const refuse = { kind: "status", status: 422, body: { ErrorCode: 1361, Message: "No." } } as const
      yield* double.injectFault({ method: "PUT", path: "/webhooks/*", nth: 2, fault: refuse })
      const secret = Redacted.make("Bearer the next secret")
      const first = yield* provisioning.rotateSecret({ connectionId, secret })
      assert.isFalse(first.isComplete)
      assert.deepStrictEqual(first.streams.map(({ action }) => action), ["repaired", "failed"])
      const checks = yield* provisioning.check(connectionId)
      assert.deepStrictEqual(checks.map(({ differences, state }) => [state, ...differences]), [
        ["ok"],
        ["edited", "authorization: the secret from before the rotation"]
      ])
      yield* TestClock.adjust("3 hours")
      const unfinished = yield* Effect.flip(provisioning.finishRotation(connectionId))
      assert.strictEqual(unfinished._tag === "RotationUnfinished" && unfinished.reason, "postmark")
      const second = yield* provisioning.rotateSecret({ connectionId })
      assert.isTrue(second.isComplete)
      assert.isTrue(Option.isNone(second.generatedSecret))
      yield* provisioning.finishRotation(connectionId)
      assert.deepStrictEqual(yield* secrets, [Redacted.value(secret)])
    }))

  it.scoped("changes nothing when Postmark has no webhook of ours", () =>
    Effect.gen(function*() {
      const { connectionId, provisioning, secrets } = yield* subscribed()
      const before = yield* secrets
      assert.strictEqual((yield* Effect.flip(provisioning.rotateSecret({ connectionId })))._tag, "NotProvisioned")
      assert.deepStrictEqual(yield* secrets, before)
    }))
})

describe("the worker", () => {
  it.scoped("tells of webhooks that are not as they should be, and ends rotations", () =>
    Effect.gen(function*() {
      const { client, connectionId, context, provisioning, secrets } = yield* subscribed()
      const lines: Array<string> = []
      const logger = Logger.make(({ annotations, logLevel, message }) => {
        if (logLevel._tag === "Warning") lines.push(`${String(message)} ${JSON.stringify([...annotations])}`)
      })
      const problems = Effect.map(
        Metric.value(Metric.tagged(ProvisioningMetrics.problems, "state", "missing")),
        ({ count }) => count
      )
      const before = yield* problems
      yield* provisioning.provision({ connectionId })
      yield* provisioning.rotateSecret({ connectionId })
      const service = Layer.succeed(Provisioning.Provisioning, provisioning)
      yield* Layer.build(Layer.provide(Provisioning.worker(), service)).pipe(
        Effect.provide(context),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* secrets).length, 2)
      yield* TestClock.adjust("2 hours")
      assert.strictEqual((yield* secrets).length, 1)
      assert.deepStrictEqual(lines, [])
      const [webhook] = yield* client.webhooks.list()
      yield* client.webhooks.delete(webhook?.id ?? 0)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(lines.length, 1)
      assert.include(lines[0], "missing")
      assert.strictEqual((yield* problems) - before, 1)
      for (const secret of yield* secrets) assert.notInclude(lines.join(), secret)
    }))
})
