/** Keeps a record of long work: that it began, and how it ended. */
import type { Service as TaskStore, TaskRecord } from "@effect-postmark/core/TaskStore"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"

export const newId = (prefix: string): string => `${prefix}_${crypto.randomUUID()}`

/** A store that is away for a moment does not stop the work. */
export const make = (store: TaskStore) =>
<A extends object, E extends { readonly _tag: string }, R>(
  about: Pick<TaskRecord, "connectionId" | "id" | "kind">,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const begun: TaskRecord = { ...about, startedAt: yield* now, finishedAt: null, report: null, failure: null }
    yield* Effect.ignore(store.save(begun))
    return yield* Effect.onExit(work, (exit) =>
      Effect.flatMap(now, (finishedAt) =>
        Effect.ignore(store.save({
          ...begun,
          finishedAt,
          ...Exit.match(exit, {
            onSuccess: (report) => ({ report: JSON.stringify(report) }),
            onFailure: (cause) => ({ failure: nameOf(cause) })
          })
        }))))
  })

const now = Effect.map(DateTime.now, DateTime.formatIso)

/** The name alone: a message can have private data. */
export const nameOf = (cause: Cause.Cause<{ readonly _tag: string }>): string =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => Cause.isInterruptedOnly(cause) ? "Interrupted" : "Defect",
    onSome: ({ _tag }) => _tag
  })
