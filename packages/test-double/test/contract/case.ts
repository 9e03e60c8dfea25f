/** A case of the contract: calls of the API, and what their answers must be, whichever way they go. */
import type * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { expect } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { endpointOf } from "./table.ts"
import type { Answer, World } from "./wire.ts"

export interface Case {
  readonly name: string
  /** Lines of the double's table; each must be answered 200 in the case. */
  readonly endpoints: ReadonlyArray<string>
  readonly options?: PostmarkDouble.Options
  readonly run: (world: World) => Effect.Effect<void, unknown>
}

/** The calls and the assertions of a case, and that its endpoints were answered. */
export const runCase = ({ endpoints, name, run }: Case, world: World): Effect.Effect<void, unknown> =>
  Effect.tap(run(world), () => {
    const answered = new Set(
      world.exchanges.filter(({ answer }) => answer.status === 200).map(({ method, path }) => endpointOf(method, path))
    )
    expect(endpoints.filter((endpoint) => !answered.has(endpoint)), `endpoints that "${name}" does not reach`)
      .toEqual([])
  })

export const mail = { From: "shop@example.org", To: "ann@example.com", Subject: "Receipt", TextBody: "Thanks." }

/** A message whose opens and clicks are tracked. */
export const tracked = {
  ...mail,
  HtmlBody: "<a href=\"https://shop.example.org/?a=1&amp;b=2\">shop</a>",
  TrackOpens: true,
  TrackLinks: "HtmlOnly"
}

/** The answer is 200, as JSON, and has these fields. */
export const ok = (answer: Answer, shape: object): void => {
  expect(answer.status, answer.text).toBe(200)
  expect(answer.headers["content-type"]).toMatch(/^application\/json/)
  expect(answer.json).toMatchObject(shape)
}

/** The answer is a refusal in Postmark's form. */
export const refused = (answer: Answer, code: number, status = 422): void => {
  expect(answer.status, answer.text).toBe(status)
  expect(answer.headers["content-type"]).toMatch(/^application\/json/)
  expect(answer.json).toEqual({ ErrorCode: code, Message: expect.any(String) })
}

/** What stands at a place of an answer. */
export const at = (answer: Answer, ...place: ReadonlyArray<string | number>): unknown =>
  place.reduce(
    (value: unknown, key) => typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined,
    answer.json
  )

/** Sends a message, which must be accepted, and gives its id. */
export const send = ({ call }: World, fields: object = {}, token?: string): Effect.Effect<string> =>
  Effect.map(
    call("POST", "/email", { body: { ...mail, ...fields }, ...(token === undefined ? {} : { token }) }),
    (answer) => {
      ok(answer, { ErrorCode: 0, Message: "OK" })
      return String(at(answer, "MessageID"))
    }
  )

/** Lets a second pass, in which all that was sent is delivered or bounces. What falls due together has no order. */
export const aSecond = ({ double }: World) => Effect.zipRight(TestClock.adjust("1 second"), double.settled)

export const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
