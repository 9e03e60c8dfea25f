import { BulkRuns } from "@effect-postmark/automation"
import { BulkRun, Connections, Correlation, RunStore } from "@effect-postmark/core"
import type * as Fault from "@effect-postmark/test-double/Fault"
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Clock, Deferred, Effect, Fiber, Option, Stream, TestClock } from "effect"
import {
  acceptances,
  batchCalls,
  connect,
  counted,
  email,
  emails,
  services,
  start,
  token,
  until,
  untilCalling,
  untilOver,
  untilState,
  worker
} from "./runKit.ts"

const inject = (rule: Omit<Fault.Rule, "path">) =>
  Effect.flatMap(PostmarkDouble.PostmarkDouble, (double) => double.injectFault({ path: "/email/batch*", ...rule }))

const outcomesOf = (id: string) =>
  Effect.flatMap(
    BulkRuns.BulkRuns,
    (runs) => Effect.map(Stream.runCollect(runs.outcomesStream(id)), (all) => Chunk.toReadonlyArray(all))
  )

const statesOf = (id: string) => Effect.map(outcomesOf(id), (outcomes) => outcomes.map(({ state }) => state))

/** All were accepted, each once. */
const allAccepted = (id: string, count: number) =>
  Effect.gen(function*() {
    assert.deepStrictEqual(yield* counted(id), {
      accepted: count,
      messages: count,
      notSent: 0,
      open: 0,
      rejected: 0,
      unknown: 0
    })
    const times = yield* acceptances
    assert.strictEqual(times.size, count)
    assert.isTrue([...times.values()].every((one) => one === 1))
  })

describe("starting a bulk run", () => {
  it.scoped("stores everything before anything is sent, and sends it in calls of 500", () =>
    Effect.gen(function*() {
      yield* worker()
      const runs = yield* BulkRuns.BulkRuns
      const connectionId = yield* connect
      const goOn = yield* Deferred.make<void>()
      const messages = Stream.concat(emails(1_100), Stream.drain(Stream.fromEffect(Deferred.await(goOn))))
      const starting = yield* Effect.fork(runs.start({ connectionId, name: "news", messages }))
      yield* until(Effect.map(runs.list(), ([run]) => run?.messages === 1_000))
      yield* TestClock.adjust("40 seconds")
      assert.strictEqual(yield* batchCalls, 0)
      yield* Deferred.succeed(goOn, undefined)
      const run = yield* Fiber.join(starting)
      assert.deepStrictEqual([run.name, run.state, run.messages], ["news", "running", 1_100])
      yield* untilOver(run.id)
      yield* allAccepted(run.id, 1_100)
      assert.strictEqual(yield* batchCalls, 3)
    }).pipe(Effect.provide(services())))

  it.scoped("sends nothing when the input breaks off", () =>
    Effect.gen(function*() {
      yield* worker()
      const runs = yield* BulkRuns.BulkRuns
      const connectionId = yield* connect
      const messages = Stream.concat(emails(25), Stream.fail("the file ended"))
      const failure = yield* Effect.flip(runs.start({ connectionId, messages, chunkSize: 10 }))
      assert.strictEqual(failure, "the file ended")
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(yield* runs.list(), [])
      assert.strictEqual(yield* batchCalls, 0)
    }).pipe(Effect.provide(services())))

  it.scoped("sends nothing when it is interrupted", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const connectionId = yield* connect
      const starting = yield* Effect.fork(
        runs.start({ connectionId, messages: Stream.concat(emails(25), Stream.never), chunkSize: 10 })
      )
      yield* until(Effect.map(runs.list(), ([run]) => run?.messages === 20))
      yield* Fiber.interrupt(starting)
      assert.deepStrictEqual(yield* runs.list(), [])
    }).pipe(Effect.provide(services())))

  it.scoped("answers the run of an earlier start with the same key, and reads no input", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const connectionId = yield* connect
      const first = yield* start(5, { connectionId, key: "october" })
      const second = yield* runs.start({ connectionId, key: "october", messages: Stream.die("it was read") })
      assert.strictEqual(second.id, first.id)
      assert.notStrictEqual((yield* start(5, { connectionId, key: "november" })).id, first.id)
      assert.lengthOf(yield* runs.list(), 2)
    }).pipe(Effect.provide(services())))

  it.scoped("waits for an earlier start that is still reading, and takes over from one that is gone", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const store = yield* RunStore.RunStore
      const connectionId = yield* connect
      const goOn = yield* Deferred.make<void>()
      const slow = Stream.concat(emails(5), Stream.drain(Stream.fromEffect(Deferred.await(goOn))))
      const first = yield* Effect.fork(runs.start({ connectionId, key: "a", messages: slow }))
      yield* until(Effect.map(runs.list(), (all) => all.length === 1))
      const second = yield* Effect.fork(start(5, { connectionId, key: "a" }))
      // Longer than the lease of a loader: this one keeps it.
      yield* TestClock.adjust("3 minutes")
      assert.isTrue(Option.isNone(yield* Fiber.poll(second)))
      yield* Deferred.succeed(goOn, undefined)
      const { id } = yield* Fiber.join(first)
      yield* until(Effect.map(Fiber.poll(second), Option.isSome))
      assert.strictEqual((yield* Fiber.join(second)).id, id)

      const loaded = yield* runs.get(id)
      yield* store.insert({ ...loaded, id: "run_gone", key: "b", state: "loading" }, { lease: "x", leaseUntil: 1 })
      const third = yield* start(5, { connectionId, key: "b" })
      assert.notStrictEqual(third.id, "run_gone")
      assert.isTrue(Option.isNone(yield* store.get("run_gone")))
    }).pipe(Effect.provide(services())))

  it.scoped("records an invalid message as rejected with its reason, and sends the rest", () =>
    Effect.gen(function*() {
      yield* worker()
      const runs = yield* BulkRuns.BulkRuns
      const connectionId = yield* connect
      const messages = Stream.map(emails(25), (one) => one.subject === "12" ? { ...one, to: "nowhere" } : one)
      const { id } = yield* runs.start({ connectionId, messages, chunkSize: 10 })
      yield* untilOver(id)
      const rejected = yield* runs.outcomes(id, { states: ["rejected"] })
      assert.deepStrictEqual(rejected.map(({ index }) => index), [12])
      assert.match(rejected[0]?.detail ?? "", /to/)
      assert.notInclude(rejected[0]?.detail ?? "", "nowhere")
      assert.strictEqual((yield* counted(id)).accepted, 24)
      assert.isFalse((yield* acceptances).has("12"))
    }).pipe(Effect.provide(services())))

  it.scoped("refuses the start at an invalid message when asked to", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const connectionId = yield* connect
      const messages = Stream.concat(emails(12), Stream.succeed(email(12, { to: "nowhere" })))
      const failure = yield* Effect.flip(runs.start({ connectionId, messages, chunkSize: 10, invalid: "refuse" }))
      assert.strictEqual(failure._tag, "RunInputInvalid")
      if (failure._tag === "RunInputInvalid") assert.strictEqual(failure.index, 12)
      assert.deepStrictEqual(yield* runs.list(), [])
    }).pipe(Effect.provide(services())))

  it.scoped("cuts calls at 50 MB", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const store = yield* RunStore.RunStore
      const textBody = "x".repeat(4_999_000)
      const messages = Stream.map(emails(12), (one) => ({ ...one, textBody }))
      const { id } = yield* runs.start({ connectionId: yield* connect, messages })
      const claim = store.claimSend({ runId: id, now: 0, lease: "l", leaseUntil: 1, concurrency: 9 })
      const sizes = [yield* claim, yield* claim].map(Option.map(({ firstIndex, items, size }) => {
        assert.isBelow(items.length, 50 * 1024 * 1024)
        return [firstIndex, size]
      }))
      assert.deepStrictEqual(sizes, [Option.some([0, 10]), Option.some([10, 2])])
    }).pipe(Effect.provide(services())), 60_000)

  it.scoped("makes messages from rows and a template", () =>
    Effect.gen(function*() {
      yield* worker()
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.addTemplate({ alias: "hello", name: "Hello", subject: "Hello {{name}}", textBody: "{{name}}!" })
      const runs = yield* BulkRuns.BulkRuns
      const connectionId = yield* connect
      const rows = Stream.make(
        { to: "ann@example.com", templateModel: { name: "Ann" } },
        { to: "bob@example.com", templateModel: { name: "Bob" }, tag: "vip" }
      )
      const template = { from: "shop@example.org", templateAlias: "hello", tag: "news" }
      const { id } = yield* runs.start({ connectionId, template, rows })
      yield* untilOver(id)
      const sent = yield* double.sent
      assert.deepStrictEqual(sent.map(({ subject, tag }) => [subject, tag]), [["Hello Ann", "news"], [
        "Hello Bob",
        "vip"
      ]])
      assert.deepStrictEqual(yield* statesOf(id), ["accepted", "accepted"])
    }).pipe(Effect.provide(services())))

  it.scoped("completes an empty run", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const run = yield* runs.start({ connectionId: yield* connect, messages: Stream.empty })
      assert.deepStrictEqual([run.state, run.messages], ["completed", 0])
    }).pipe(Effect.provide(services())))

  it.scoped("needs an active connection", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const connections = yield* Connections.Connections
      const unknown = yield* Effect.flip(runs.start({ connectionId: "con_none", messages: Stream.die("it was read") }))
      assert.strictEqual(unknown._tag, "ConnectionNotFound")
      const connectionId = yield* connect
      yield* connections.revoke(connectionId)
      const revoked = yield* Effect.flip(runs.start({ connectionId, messages: Stream.die("it was read") }))
      assert.strictEqual(revoked._tag, "ConnectionRevoked")
    }).pipe(Effect.provide(services())))
})

describe("a bulk run against faults", () => {
  const harmless: Readonly<Record<string, Fault.Fault>> = {
    "a 429": { kind: "rateLimit" },
    "a 429 with Retry-After": { kind: "rateLimit", retryAfter: 30 },
    "Postmark's maintenance": { kind: "status", status: 503, body: { ErrorCode: 100, Message: "down" } }
  }
  for (const [name, fault] of Object.entries(harmless)) {
    it.scoped(`waits and goes on after ${name}`, () =>
      Effect.gen(function*() {
        yield* worker()
        yield* inject({ nth: 2, fault })
        const { id } = yield* start(35)
        yield* untilOver(id)
        yield* allAccepted(id, 35)
        assert.strictEqual(yield* batchCalls, 5)
      }).pipe(Effect.provide(services())))
  }

  const lost: Readonly<Record<string, Fault.Fault>> = {
    "a reset after acceptance": { kind: "resetAfterAcceptance" },
    "a time-out after acceptance": { kind: "latency", millis: 20_000, phase: "after" },
    "an answer cut short": { kind: "truncate", length: 25 },
    "an answer of another length": { kind: "batchLength", difference: -1 }
  }
  for (const [name, fault] of Object.entries(lost)) {
    it.scoped(`finds what was accepted after ${name}`, () =>
      Effect.gen(function*() {
        yield* worker()
        yield* inject({ nth: 2, fault })
        const { id } = yield* start(35)
        yield* untilOver(id)
        yield* allAccepted(id, 35)
        const bySearch = (yield* outcomesOf(id)).filter(({ source }) => source === "search")
        assert.deepStrictEqual(bySearch.map(({ index }) => index), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
      }).pipe(Effect.provide(services({ indexLag: "30 seconds" }))))
  }

  it.scoped("goes on with the next call while the outcome of one is looked up", () =>
    Effect.gen(function*() {
      yield* worker()
      yield* inject({ nth: 1, fault: { kind: "resetAfterAcceptance" } })
      const { id } = yield* start(35)
      yield* until(Effect.map(counted(id), ({ accepted }) => accepted === 25))
      assert.strictEqual((yield* counted(id)).open, 10)
      yield* untilOver(id)
      yield* allAccepted(id, 35)
    }).pipe(Effect.provide(services({ indexLag: "1 minute" }))))

  it.scoped("leaves unknown what it cannot find, and never sends it again", () =>
    Effect.gen(function*() {
      yield* worker()
      yield* inject({ nth: 2, fault: { kind: "status", status: 500 } })
      const { id } = yield* start(35)
      yield* untilOver(id)
      assert.deepStrictEqual(yield* counted(id), {
        accepted: 25,
        messages: 35,
        notSent: 0,
        open: 0,
        rejected: 0,
        unknown: 10
      })
      assert.strictEqual((yield* acceptances).size, 25)
      assert.strictEqual(yield* batchCalls, 4)
    }).pipe(Effect.provide(services())))

  it.scoped("sends once more what is unknown when the run was started like that, and says so", () =>
    Effect.gen(function*() {
      yield* worker({ pollInterval: "10 minutes" })
      yield* inject({ nth: 2, fault: { kind: "status", status: 500 } })
      const { id } = yield* start(35, { resendUnknownAfter: "1 hour" })
      yield* until(Effect.map(counted(id), ({ open }) => open === 10), "1 minute")
      yield* TestClock.adjust("50 minutes")
      assert.strictEqual(yield* batchCalls, 4)
      yield* untilOver(id)
      yield* allAccepted(id, 35)
      const flagged = (yield* outcomesOf(id)).filter(({ possiblyDuplicate }) => possiblyDuplicate)
      assert.deepStrictEqual(flagged.map(({ index }) => index), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    }).pipe(Effect.provide(services())))

  it.scoped("rejects inactive recipients, and goes on", () =>
    Effect.gen(function*() {
      yield* worker()
      const double = yield* PostmarkDouble.PostmarkDouble
      yield* double.suppress("reader3@example.com")
      const { id } = yield* start(15)
      yield* untilOver(id)
      const runs = yield* BulkRuns.BulkRuns
      const [rejected, ...more] = yield* runs.outcomes(id, { states: ["rejected"] })
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual([rejected?.index, rejected?.code], [3, 406])
      assert.notInclude(rejected?.detail ?? "", "reader3")
    }).pipe(Effect.provide(services())))

  const pausing: Readonly<
    Record<string, { readonly fault: Fault.Fault; readonly reason: BulkRun.PauseReason }>
  > = {
    "a token that Postmark does not know": {
      fault: { kind: "status", status: 401, body: { ErrorCode: 10, Message: "no" } },
      reason: "invalidToken"
    },
    "a page that blocks the caller": { fault: { kind: "status", status: 403, body: "<html>" }, reason: "refused" },
    "an account that may not send": {
      fault: { kind: "status", status: 422, body: { ErrorCode: 413, Message: "no" } },
      reason: "account"
    },
    "an account without credits, by message": {
      fault: {
        kind: "body",
        body: JSON.stringify(Array.from({ length: 10 }, () => ({ ErrorCode: 405, Message: "no credits" })))
      },
      reason: "account"
    },
    "a sender that is not confirmed": {
      fault: {
        kind: "body",
        body: JSON.stringify(Array.from({ length: 10 }, () => ({ ErrorCode: 400, Message: "no signature" })))
      },
      reason: "account"
    }
  }
  for (const [name, { fault, reason }] of Object.entries(pausing)) {
    it.scoped(`pauses for ${name}, burns nothing, and goes on when it is resumed`, () =>
      Effect.gen(function*() {
        yield* worker({ concurrency: 2 })
        const double = yield* PostmarkDouble.PostmarkDouble
        yield* double.injectFault({ path: "/email/batch", nth: 2, fault })
        yield* double.injectFault({ path: "/email/batch", nth: 3, fault })
        const runs = yield* BulkRuns.BulkRuns
        const connections = yield* Connections.Connections
        const connectionId = yield* connect
        const { id } = yield* start(35, { connectionId })
        yield* untilState(id, "paused")
        yield* TestClock.adjust("2 minutes")
        const { pauseDetail, pauseReason } = yield* runs.get(id)
        assert.strictEqual(pauseReason, reason)
        assert.isNotEmpty(pauseDetail)
        assert.deepInclude(yield* counted(id), { rejected: 0, unknown: 0, notSent: 0 })
        const calls = yield* batchCalls
        assert.isAtMost(calls, 3)
        yield* double.clearFaults
        yield* connections.rotate(connectionId, token)
        assert.strictEqual((yield* runs.resume(id)).state, "running")
        yield* untilOver(id)
        yield* allAccepted(id, 35)
      }).pipe(Effect.provide(services())))
  }

  it.scoped("pauses for a connection that is revoked in the middle", () =>
    Effect.gen(function*() {
      yield* worker()
      yield* inject({ nth: 2, fault: { kind: "rateLimit", retryAfter: 20 } })
      const runs = yield* BulkRuns.BulkRuns
      const connections = yield* Connections.Connections
      const connectionId = yield* connect
      const { id } = yield* start(35, { connectionId })
      yield* until(Effect.map(counted(id), ({ accepted }) => accepted === 10))
      yield* connections.revoke(connectionId)
      yield* untilState(id, "paused")
      assert.strictEqual((yield* runs.get(id)).pauseReason, "connectionRevoked")
      yield* runs.cancel(id)
      assert.deepInclude(yield* counted(id), { accepted: 10, notSent: 25 })
    }).pipe(Effect.provide(services())))

  it.scoped("does not search where correlation is off, and is done at once", () =>
    Effect.gen(function*() {
      yield* worker({ searchPauses: ["1 second"] })
      yield* inject({ nth: 1, fault: { kind: "resetAfterAcceptance" } })
      const runs = yield* BulkRuns.BulkRuns
      const { id } = yield* Correlation.withCorrelation(
        runs.start({ connectionId: yield* connect, messages: emails(3) }),
        "off"
      )
      yield* untilOver(id)
      assert.deepStrictEqual(yield* statesOf(id), ["unknown", "unknown", "unknown"])
      const double = yield* PostmarkDouble.PostmarkDouble
      assert.isFalse((yield* double.requests).some(({ path }) => path.startsWith("/messages")))
      assert.deepStrictEqual((yield* double.sent).map(({ metadata }) => metadata), [{}, {}, {}])
    }).pipe(Effect.provide(services())))
})

describe("controlling a bulk run", () => {
  it.scoped("pauses, resumes and cancels, and refuses what its state does not allow", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const { id } = yield* start(35)
      const conflict = (change: Effect.Effect<unknown, { readonly message: string }>) =>
        Effect.map(Effect.flip(change), ({ message }) => message)
      assert.strictEqual(yield* conflict(runs.resume(id)), "cannot resume a run that is running: it must be paused")
      const paused = yield* runs.pause(id)
      assert.deepStrictEqual([paused.state, paused.pauseReason], ["paused", "manual"])
      assert.strictEqual(yield* conflict(runs.pause(id)), "cannot pause a run that is paused: it must be running")
      yield* worker()
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* batchCalls, 0)
      yield* runs.resume(id)
      yield* until(Effect.map(batchCalls, (calls) => calls > 0))
      yield* untilOver(id)
      yield* allAccepted(id, 35)
      assert.match(yield* conflict(runs.cancel(id)), /^cannot cancel a run that is completed/)
      assert.match(yield* conflict(runs.get("run_none")), /^there is no bulk run/)
    }).pipe(Effect.provide(services())))

  it.scoped("cancels before the first call, from a pause, and in the middle of a call", () =>
    Effect.gen(function*() {
      const runs = yield* BulkRuns.BulkRuns
      const connectionId = yield* connect
      const first = yield* start(15, { connectionId })
      assert.strictEqual((yield* runs.cancel(first.id)).state, "cancelled")
      assert.deepInclude(yield* counted(first.id), { notSent: 15, open: 0 })
      const second = yield* start(15, { connectionId })
      yield* runs.pause(second.id)
      yield* runs.cancel(second.id)
      const third = yield* start(25, { connectionId })
      yield* inject({ nth: 1, fault: { kind: "latency", millis: 5_000, phase: "after" } })
      yield* worker()
      yield* untilCalling(third.id)
      assert.isNull((yield* runs.cancel(third.id)).finishedAt)
      yield* untilOver(third.id)
      assert.deepStrictEqual(yield* counted(third.id), {
        accepted: 10,
        messages: 25,
        notSent: 15,
        open: 0,
        rejected: 0,
        unknown: 0
      })
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual((yield* acceptances).size, 10)
    }).pipe(Effect.provide(services())))

  it.scoped("tells progress with a rate and the time that is left", () =>
    Effect.gen(function*() {
      yield* worker()
      const runs = yield* BulkRuns.BulkRuns
      yield* inject({ fault: { kind: "latency", millis: 1_000, phase: "before" } })
      const { id } = yield* start(200)
      yield* until(Effect.map(counted(id), ({ accepted }) => accepted >= 100), "500 millis")
      const running = yield* runs.progress(id)
      yield* runs.pause(id)
      const paused = yield* runs.progress(id)
      // The call in progress ends, since the double does not let go of it before its time.
      yield* until(Effect.map(runs.progress(id), ({ inDoubt }) => inDoubt === 0))
      // 10 messages a second, and up to 10 seconds until the worker saw the run.
      assert.isAbove(running.perSecond, 4)
      assert.isBelow(running.perSecond, 11)
      assert.strictEqual(running.secondsLeft, running.open / running.perSecond)
      assert.isNull(paused.secondsLeft)
    }).pipe(Effect.provide(services())))

  it.scoped("pages through outcomes", () =>
    Effect.gen(function*() {
      yield* worker()
      const runs = yield* BulkRuns.BulkRuns
      const { id } = yield* start(25)
      yield* untilOver(id)
      const page = yield* runs.outcomes(id, { after: 8, limit: 3 })
      assert.deepStrictEqual(page.map(({ index }) => index), [9, 10, 11])
      const double = yield* PostmarkDouble.PostmarkDouble
      const ids = new Map((yield* double.sent).map(({ messageId, subject }) => [subject, messageId]))
      for (const { index, messageId } of yield* outcomesOf(id)) assert.strictEqual(messageId, ids.get(String(index)))
      assert.lengthOf(yield* outcomesOf(id), 25)
    }).pipe(Effect.provide(services())))
})

describe("workers of bulk runs", () => {
  it.scoped("share a run, and never have more calls in flight than they may", () =>
    Effect.gen(function*() {
      yield* inject({ fault: { kind: "latency", millis: 3_000, phase: "before" } })
      const { id } = yield* start(95)
      yield* Effect.all([worker({ concurrency: 2 }), worker({ concurrency: 2 })])
      const store = yield* RunStore.RunStore
      yield* until(
        Effect.gen(function*() {
          assert.isAtMost((yield* store.counts(id, 0)).inDoubt, 20)
          return (yield* counted(id)).open === 0
        })
      )
      yield* allAccepted(id, 95)
      assert.strictEqual(yield* batchCalls, 10)
    }).pipe(Effect.provide(services())))

  it.scoped("take over from one that is gone in the middle of a call, and send nothing twice", () =>
    Effect.gen(function*() {
      const store = yield* RunStore.RunStore
      const double = yield* PostmarkDouble.PostmarkDouble
      const connectionId = yield* connect
      const { id } = yield* start(25, { connectionId })
      // The worker that had these is gone: the first one before its call, the second one after it.
      const now = yield* Clock.currentTimeMillis
      const claim = store.claimSend({ runId: id, now, lease: "gone", leaseUntil: now + 10_000, concurrency: 2 })
      yield* claim
      const second = Option.getOrThrow(yield* claim)
      const connections = yield* Connections.Connections
      const client = yield* connections.client(connectionId)
      const run = Option.getOrThrow(yield* store.get(id))
      yield* client.prepared.send({
        kind: "email",
        names: { call: "ep_call", index: "ep_index" },
        correlation: BulkRun.correlationOf(run, 1),
        items: second.items.split("\n").map((json, place) => ({ index: 10 + place, json }))
      })
      yield* worker()
      yield* untilOver(id)
      const states = yield* statesOf(id)
      assert.isTrue(states.slice(0, 10).every((state) => state === "unknown"))
      assert.isTrue(states.slice(10).every((state) => state === "accepted"))
      assert.lengthOf(yield* double.sent, 15)
    }).pipe(Effect.provide(services({ indexLag: "20 seconds" }))))

  it.scoped("keep a chunk through a long call", () =>
    Effect.gen(function*() {
      yield* inject({ nth: 1, fault: { kind: "latency", millis: 14_000, phase: "after" } })
      const { id } = yield* start(15)
      yield* Effect.all([worker({ lease: "2 seconds" }), worker({ lease: "2 seconds" })])
      yield* untilOver(id)
      yield* allAccepted(id, 15)
      assert.isTrue((yield* outcomesOf(id)).every(({ source }) => source === "answer"))
    }).pipe(Effect.provide(services())))

  it.scoped("leave a call that is cut off by a stop to be looked up at once", () =>
    Effect.gen(function*() {
      yield* inject({ nth: 1, fault: { kind: "latency", millis: 14_000, phase: "after" } })
      const { id } = yield* start(15)
      const stopping = yield* Effect.scoped(
        Effect.zipRight(
          worker({ lease: "10 minutes" }),
          untilCalling(id)
        )
      ).pipe(Effect.fork)
      yield* until(Effect.map(Fiber.poll(stopping), Option.isSome))
      yield* worker({ lease: "10 minutes" })
      yield* untilOver(id)
      yield* allAccepted(id, 15)
    }).pipe(Effect.provide(services())))
})
