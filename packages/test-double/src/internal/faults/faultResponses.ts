/** What the client sees of a request that faults have hit. */
import * as Effect from "effect/Effect"
import type { Answer, Reply } from "../../Exchange.ts"
import type { Fault } from "../../Fault.ts"
import { parse, stringify } from "../http/json.ts"
import { json, refusal, refused } from "../http/response.ts"
import type { Taken } from "./faults.ts"

const reset: Reply = { kind: "reset" }
const closed: Reply = { kind: "close" }

/** Answers a request as the faults that hit it ask. */
export const answerWithFaults = Effect.fnUntraced(function*(
  taken: Taken,
  readBody: Effect.Effect<string, unknown>,
  process: (body: string) => Effect.Effect<Answer>
): Effect.fn.Return<Reply> {
  if (taken.beforeReading.some(({ kind }) => kind === "resetBeforeReading")) return reset
  const body = yield* Effect.option(readBody)
  if (body._tag === "None") return reset
  const faults = taken.withBody(body.value)
  yield* pause(faults, "before")
  const fault = faults.find(({ kind }) => kind !== "latency")
  const early = fault === undefined ? undefined : answerUnprocessed(fault)
  if (early !== undefined) return answered(early)
  const answer = yield* process(body.value)
  yield* pause(faults, "after")
  return fault === undefined ? answered(answer) : spoil(fault, answer)
})

export const pause = (faults: ReadonlyArray<Fault>, phase: "before" | "after"): Effect.Effect<void> => {
  const millis = faults.reduce(
    (sum, fault) => fault.kind === "latency" && (fault.phase ?? "before") === phase ? sum + fault.millis : sum,
    0
  )
  // Even a sleep of nothing would cost a turn of the clock.
  return millis > 0 ? Effect.sleep(millis) : Effect.void
}

/** What becomes of the answer to a request that was processed. */
const spoil = (fault: Fault, answer: Answer): Reply => {
  switch (fault.kind) {
    case "resetAfterAcceptance":
      return reset
    case "closeAfterAcceptance":
      return closed
    case "cutShort":
      return { ...answered(answer), cut: { length: fault.length, end: fault.end ?? "close" } }
    case "truncate":
      return { ...answered({ ...answer, body: answer.body.slice(0, fault.length) }), verbatim: true }
    case "slowBody":
      return { ...answered(answer), pace: { pieces: fault.pieces, pauseMillis: fault.pauseMillis } }
    case "body":
      return answered(raw(fault))
    case "redirect":
      return answered(redirect(fault))
    case "batchLength":
      return answered({ ...answer, body: resize(answer.body, fault.difference) })
    default:
      return answered(answer)
  }
}

/** The list in a body with items more or less; a body that is no list, or an empty one, as it is. */
const resize = (body: string, difference: number): string => {
  const list: unknown = parse(body)?.value
  if (!Array.isArray(list) || list.length === 0) return body
  return stringify(
    difference < 0
      ? list.slice(0, Math.max(0, list.length + difference))
      : [...list, ...Array.from({ length: difference }, () => list.at(-1))]
  )
}

const answered = (answer: Answer): Extract<Reply, { readonly kind: "answer" }> => ({ kind: "answer", answer })

const answerUnprocessed = (fault: Fault): Answer | undefined => {
  switch (fault.kind) {
    case "status":
      return statusFault(fault)
    case "rateLimit":
      // Not established (docs/postmark.md#rate-limits): body and headers of a 429. Retry-After stands here only if the
      // test asks for it.
      return json(
        429,
        { ErrorCode: 429, Message: "Rate Limit Exceeded" },
        fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) }
      )
    case "body":
      return fault.accept === true ? undefined : raw(fault)
    case "redirect":
      return fault.accept === true ? undefined : redirect(fault)
    default:
      return undefined
  }
}

const statusFault = ({ body, headers, status }: Extract<Fault, { readonly kind: "status" }>): Answer => {
  const lower = Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  if (typeof body === "string") return { status, headers: { "content-type": "text/plain", ...lower }, body }
  if (typeof body === "object" && body !== null) return json(status, { ...body }, lower)
  const answer = refused(refusal(...(knownFailures[status] ?? [0, "Injected fault"]), status))
  return { ...answer, headers: { ...answer.headers, ...lower } }
}

const knownFailures: { readonly [status: number]: readonly [code: number, message: string] } = {
  401: [10, "Request does not contain a valid Server token."],
  500: [101, "Unexpected internal error."],
  503: [100, "Planned maintenance."]
}

const raw = ({ body, contentType, status }: Extract<Fault, { readonly kind: "body" }>): Answer => ({
  status: status ?? 200,
  headers: { "content-type": contentType ?? (body.startsWith("<") ? "text/html" : "application/json") },
  body
})

const redirect = ({ location, status }: Extract<Fault, { readonly kind: "redirect" }>): Answer => ({
  status: status ?? 302,
  headers: { location },
  body: ""
})
