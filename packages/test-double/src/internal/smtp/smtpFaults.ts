/** What faults do to an SMTP session. */
import * as Effect from "effect/Effect"
import type { Fault } from "../../Fault.ts"
import type { Line, Reply } from "../../SmtpExchange.ts"
import { pause } from "../faults/faultResponses.ts"

/** The line that a fault puts in place of going on. */
export const refusalLine = (faults: ReadonlyArray<Fault>): Line | undefined => {
  const fault = faults.find(({ kind }) => kind === "smtpReply")
  return fault?.kind === "smtpReply" ? line(fault.code, fault.message ?? "Injected fault") : undefined
}

/** Answers a message as the faults that hit it ask. */
export const receiveWithFaults = Effect.fnUntraced(function*(
  faults: ReadonlyArray<Fault>,
  read: Effect.Effect<Uint8Array, unknown>,
  process: (source: Uint8Array) => Effect.Effect<Line>
): Effect.fn.Return<Reply> {
  if (faults.some(({ kind }) => kind === "resetBeforeReading")) return { kind: "reset" }
  const source = yield* Effect.option(read)
  if (source._tag === "None") return { kind: "reset" }
  yield* pause(faults, "before")
  const fault = faults.find(({ kind }) => kind !== "latency")
  const early = fault === undefined ? undefined : refusalLine([fault])
  if (early !== undefined) return early
  const reply = yield* process(source.value)
  yield* pause(faults, "after")
  if (fault?.kind === "resetAfterAcceptance") return { kind: "reset" }
  return fault?.kind === "closeAfterAcceptance" ? { kind: "close" } : reply
})

/** In one line of printable ASCII, as SMTP has it. */
export const line = (code: number, text: string): Line => ({
  kind: "line",
  code,
  text: text.replaceAll(/[^\x20-\x7e]+/g, " ").slice(0, 400)
})
