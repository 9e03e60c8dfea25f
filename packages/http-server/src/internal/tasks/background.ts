/** Work that goes on when its caller is gone, until the server stops. */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import { nameOf } from "./recorded.ts"

export class Background extends Context.Tag("@effect-postmark/http-server/internal/tasks/background")<Background, {
  /** Starts the work, and waits for it for a while: none when it is still at it. */
  readonly start: <A, E extends { readonly _tag: string }>(
    name: string,
    work: Effect.Effect<A, E>
  ) => Effect.Effect<Option.Option<A>, E>
}>() {}

export const layer = (patience = "5 seconds" as const): Layer.Layer<Background> =>
  Layer.scoped(
    Background,
    Effect.map(Effect.scope, (scope) => ({
      start: (name, work) =>
        work.pipe(
          Effect.tapErrorCause((cause: Cause.Cause<{ readonly _tag: string }>) =>
            Effect.annotateLogs(Effect.logWarning("a task did not finish"), { task: name, failure: nameOf(cause) })
          ),
          Effect.forkIn(scope),
          Effect.flatMap((fiber) => Effect.timeoutOption(Fiber.join(fiber), patience))
        )
    }))
  )
