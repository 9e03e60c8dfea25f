import { assert, describe, it } from "@effect/vitest"
import { Array, Cause, Deferred, Effect, Exit, Fiber, Option, Scope } from "effect"
import * as GroupCommit from "../src/internal/groupCommit.ts"

/** Doubles numbers, keeps the groups that it was asked for, and fails those that `refuse` names. */
const make = (
  options: Partial<GroupCommit.Options<number, number, string>> & {
    readonly refuse?: (group: ReadonlyArray<number>) => string | undefined
    readonly before?: Effect.Effect<void>
  } = {}
) =>
  Effect.gen(function*() {
    const groups: globalThis.Array<ReadonlyArray<number>> = []
    const append = yield* GroupCommit.make<number, number, string>({
      write: (group) =>
        Effect.gen(function*() {
          groups.push(group)
          yield* options.before ?? Effect.void
          const refused = options.refuse?.(group)
          return refused === undefined ? (input: number) => input * 2 : yield* Effect.fail(refused)
        }),
      weigh: () => 1,
      isContention: (cause) => Option.contains(Cause.failureOption(cause), "busy"),
      overloaded: () => "overloaded",
      closed: () => "closed",
      maxPending: 10_000,
      maxPendingWeight: 10_000,
      groupSize: 256,
      groupWeight: 10_000,
      ...options
    })
    return { append, groups }
  })

const all = (count: number, append: (input: number) => Effect.Effect<number, string>) =>
  Effect.forEach(
    [...Array.range(1, count)],
    (input): Effect.Effect<Exit.Exit<number, string>> => Effect.exit(append(input)),
    { concurrency: "unbounded" }
  )

describe("groupCommit", () => {
  it.scoped("writes what comes at once in few groups, and answers each", () =>
    Effect.gen(function*() {
      const { append, groups } = yield* make()
      assert.deepStrictEqual(yield* all(1_000, append), Array.range(1, 1_000).map((input) => Exit.succeed(input * 2)))
      assert.strictEqual(groups.flat().length, 1_000)
      assert.isAtMost(groups.length, 5)
      assert.isTrue(groups.every((group) => group.length <= 256))
    }))

  it.scoped("writes a lone input at once", () =>
    Effect.gen(function*() {
      const { append, groups } = yield* make()
      assert.strictEqual(yield* append(1), 2)
      assert.strictEqual(yield* append(2), 4)
      assert.deepStrictEqual(groups, [[1], [2]])
    }))

  it.scoped("splits a group that is too heavy", () =>
    Effect.gen(function*() {
      const { append, groups } = yield* make({ weigh: (input) => input, groupWeight: 10 })
      yield* all(6, append)
      assert.deepStrictEqual(groups, [[1, 2, 3, 4], [5], [6]])
    }))

  it.scoped("retries a failed group singly, so that one input fails alone", () =>
    Effect.gen(function*() {
      const { append } = yield* make({ refuse: (group) => group.includes(7) ? "refused" : undefined })
      const answers = yield* all(20, append)
      assert.strictEqual(answers.filter(Exit.isFailure).length, 1)
      assert.deepStrictEqual(answers[6], Exit.fail("refused"))
    }))

  it.scoped("a defect in a write reaches the callers, and the next ones are written", () =>
    Effect.gen(function*() {
      let broken = true
      const { append } = yield* make({ before: Effect.suspend(() => broken ? Effect.die("defect") : Effect.void) })
      assert.deepStrictEqual(yield* Effect.exit(append(1)), Exit.die("defect"))
      broken = false
      assert.strictEqual(yield* append(1), 2)
    }))

  it.scoped("waits for contention once, not once for each input", () =>
    Effect.gen(function*() {
      const { append, groups } = yield* make({ refuse: () => "busy" })
      const answers = yield* all(20, append)
      assert.isTrue(answers.every((answer) => Exit.isFailure(answer)))
      assert.strictEqual(groups.length, 1)
    }))

  it.scoped("and once too when it begins while a group is retried", () =>
    Effect.gen(function*() {
      const { append, groups } = yield* make({
        refuse: (group) => group.length > 1 ? "refused" : group[0] === 3 ? "busy" : undefined
      })
      const answers = yield* all(20, append)
      assert.deepStrictEqual(answers.slice(0, 2), [Exit.succeed(2), Exit.succeed(4)])
      assert.deepStrictEqual(answers.slice(2), Array.replicate(Exit.fail("busy"), 18))
      assert.strictEqual(groups.length, 4)
    }))

  it.scoped("refuses at once what is too much to wait, and recovers", () =>
    Effect.gen(function*() {
      const { append } = yield* make({ maxPending: 4 })
      const answers = yield* all(10, append)
      assert.deepStrictEqual(answers.slice(4), Array.replicate(Exit.fail("overloaded"), 6))
      assert.isTrue(answers.slice(0, 4).every(Exit.isSuccess))
      assert.strictEqual(yield* append(1), 2)
    }))

  it.scoped("refuses what is too heavy to wait, but not a single one", () =>
    Effect.gen(function*() {
      const { append } = yield* make({ weigh: (input) => input, maxPendingWeight: 10 })
      assert.strictEqual(yield* append(50), 100)
      const answers = yield* all(6, append)
      assert.deepStrictEqual(answers.slice(4), Array.replicate(Exit.fail("overloaded"), 2))
    }))

  it.effect("writes what waits before its scope closes, and refuses the rest", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const gate = yield* Deferred.make<void>()
      const { append, groups } = yield* Scope.extend(make({ before: Deferred.await(gate) }), scope)
      const first = yield* Effect.fork(append(1))
      while (groups.length === 0) yield* Effect.yieldNow()
      const second = yield* Effect.fork(append(2))
      yield* Effect.yieldNow()
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(yield* Effect.exit(append(3)), Exit.fail("closed"))
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(closing)
      assert.strictEqual(yield* Fiber.join(first), 2)
      assert.strictEqual(yield* Fiber.join(second), 4)
      assert.deepStrictEqual(groups, [[1], [2]])
      assert.deepStrictEqual(yield* Effect.exit(append(3)), Exit.fail("closed"))
    }))

  it.scoped("answers a group whose writing is broken, and writes the next one", () =>
    Effect.gen(function*() {
      let isBroken = true
      const { append } = yield* make({
        // A defect where no failure is expected: in the answer itself.
        write: () =>
          Effect.succeed((input: number) => {
            if (isBroken) throw new Error("broken")
            return input * 2
          })
      })
      const exits = yield* all(3, append)
      assert.isTrue(exits.every((exit) => Exit.isFailure(exit) && Cause.isDie(exit.cause)))
      isBroken = false
      assert.strictEqual(yield* append(2), 4)
    }))
})
