/**
 * Encrypts the stored secrets with the first key while the server runs: at its start, and then each hour, since another
 * server on the same database can still seal with an older key.
 */
import * as KeyRotation from "@effect-postmark/core/KeyRotation"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const round = (isFirst: boolean) =>
  Effect.gen(function*() {
    const report = yield* KeyRotation.rotate
    const { busy, current, remaining, resealed, unreadable } = report
    const isComplete = KeyRotation.isComplete(report)
    if (resealed > 0 || (isComplete && isFirst)) {
      yield* Effect.annotateLogs(
        Effect.logInfo(
          isComplete
            ? "every stored secret is encrypted with the first key: the other keys are not needed"
            : "stored secrets were encrypted again with the first key"
        ),
        { resealed, current }
      )
    }
    if (!isComplete) {
      yield* Effect.annotateLogs(Effect.logWarning("stored secrets still need another key than the first"), {
        remaining,
        unreadable,
        busy
      })
    }
    return { isFirst: false, wait: "1 hour" as const }
  }).pipe(
    Effect.catchAllCause((cause) =>
      Cause.isInterrupted(cause) ? Effect.interrupt : Effect.annotateLogs(
        Effect.logError("stored secrets could not be encrypted again, and are tried again in a minute"),
        { failure: nameOf(cause) }
      ).pipe(Effect.as({ isFirst, wait: "1 minute" as const }))
    )
  )

const nameOf = (cause: Cause.Cause<{ readonly message: string }>): string => {
  const failure = Cause.failureOption(cause)
  return failure._tag === "Some" ? failure.value.message : "a defect"
}

interface Next {
  readonly isFirst: boolean
  readonly wait: Duration.DurationInput
}

const first: Next = { isFirst: true, wait: 0 }

export const layer: Layer.Layer<never, never, KeyRotation.Services> = Layer.scopedDiscard(
  Effect.iterate<Next, KeyRotation.Services, never>(first, {
    while: () => true,
    body: ({ isFirst, wait }) => Effect.zipRight(Effect.sleep(wait), round(isFirst))
  }).pipe(
    Effect.annotateLogs({ package: "@effect-postmark/http-server", module: "KeyRotation" }),
    Effect.forkScoped
  )
)
