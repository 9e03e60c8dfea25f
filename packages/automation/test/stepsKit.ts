/** The workflow of the tests: send, wait for the outcome, wait for an open, remind. */
import * as DurableSteps from "@effect-postmark/automation/DurableSteps"
import { Ids } from "@effect-postmark/core"
import { Workflow } from "@effect/workflow"
import { type Duration, Effect, Schema } from "effect"
import { email } from "./waitsKit.ts"

export const Welcome = Workflow.make({
  name: "Welcome",
  payload: { connectionId: Ids.ConnectionId, to: Schema.String },
  success: Schema.String,
  error: DurableSteps.StepFailed,
  idempotencyKey: ({ to }) => to
})

export const welcome = (
  deadlines: { readonly outcome: Duration.DurationInput; readonly open: Duration.DurationInput }
) =>
  DurableSteps.workflow(Welcome, ({ connectionId, to }) =>
    Effect.gen(function*() {
      const steps = yield* DurableSteps.DurableSteps
      const sent = yield* steps.send("welcome", connectionId, email(to))
      const outcome = yield* steps.awaitOutcome("delivery", sent, { within: deadlines.outcome })
      if (outcome._tag !== "Delivered") return outcome._tag
      const open = yield* steps.awaitOpen("open", sent, { within: deadlines.open })
      if (open._tag === "TimedOut") yield* steps.send("reminder", connectionId, email(to, "Reminder"))
      return open._tag
    }))
