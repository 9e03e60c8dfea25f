/** Does what is due. */
import * as Effect from "effect/Effect"
import type * as Script from "../../Script.ts"
import { workOff } from "../routes/bulkRoutes.ts"
import type { Message } from "../state/state.ts"
import { direct, type Directed } from "./directions.ts"
import type { Engine } from "./engine.ts"
import type { Job } from "./job.ts"
import { fate } from "./outcomes.ts"
import { stepsFor } from "./scripts.ts"

type Part = Pick<Engine, "world" | "behaviour" | "scripts" | "skipped" | "scheduler" | "dispatch">

export const runJob = (engine: Part, job: Job): Effect.Effect<void> => {
  switch (job.kind) {
    case "deliver":
      return Effect.sync(() => settleFates(engine, job.messages))
    case "script":
      return Effect.sync(() => takeStep(engine, job.message, job.recipient, job.steps))
    case "bulk":
      return Effect.sync(() => schedule(engine, workOff(engine.world, job.work, engine.scheduler.now())))
    case "webhook":
    case "inbound":
      return engine.dispatch.run(job)
  }
}

/** Plans what becomes of messages that were just accepted. */
export const schedule = (engine: Part, messages: ReadonlyArray<Message>): void => {
  if (messages.length === 0) return
  const plans = engine.scripts.length === 0 ? [] : messages.flatMap((message) => planned(engine, message))
  if (engine.behaviour.autoDeliver) {
    engine.scheduler.schedule(engine.behaviour.deliveryDelay, { kind: "deliver", messages })
  }
  for (const { message, recipient, steps } of plans) {
    scheduleStep(engine, message, recipient, steps, engine.behaviour.deliveryDelay)
  }
}

const planned = ({ scripts }: Part, message: Message) =>
  reached(message).flatMap((recipient) => {
    const steps = stepsFor(scripts, message, recipient)
    if (steps === undefined) return []
    message.scripted.push(recipient)
    return [{ message, recipient, steps }]
  })

const reached = ({ inactive, recipients }: Message): ReadonlyArray<string> =>
  recipients.filter((recipient) => !inactive.includes(recipient.toLowerCase()))

const scheduleStep = (
  engine: Part,
  message: Message,
  recipient: string,
  steps: ReadonlyArray<Script.Step>,
  otherwise: number
): void => {
  const [first] = steps
  if (first === undefined) return
  engine.scheduler.schedule(first.after ?? otherwise, { kind: "script", message, recipient, steps })
}

const takeStep = (engine: Part, message: Message, recipient: string, steps: ReadonlyArray<Script.Step>): void => {
  const [step, ...rest] = steps
  // Its server may have been deleted since.
  if (step === undefined || !engine.world.messages.has(message.id)) return
  const result: Directed = direct(engine.world, message, recipient, step, engine.scheduler.now())
  if ("reason" in result) {
    const { message: text, reason } = result
    engine.skipped.push({ messageId: message.id, recipient, step: step.kind, reason, message: text })
  } else engine.dispatch.fire(result)
  scheduleStep(engine, message, recipient, rest, 0)
  engine.scheduler.changed()
}

/** Delivers or bounces what nobody has delivered or bounced by hand in the meantime. */
const settleFates = (engine: Part, messages: ReadonlyArray<Message>): void => {
  for (const message of messages) {
    if (!engine.world.messages.has(message.id)) continue
    for (const recipient of reached(message)) {
      if (message.scripted.includes(recipient)) continue
      if (message.events.some((event) => event.recipient === recipient)) continue
      const { bounce: type } = fate(message, recipient)
      const result = direct(
        engine.world,
        message,
        recipient,
        type === undefined ? { kind: "deliver" } : { kind: "bounce", type },
        engine.scheduler.now()
      )
      if (!("reason" in result)) engine.dispatch.fire(result)
    }
  }
  engine.scheduler.changed()
}
