/** The page at `/`, its files, and what it reads. All of it is read-only; what the page does goes to the control API. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { ServerResponse } from "node:http"
import type { Control } from "../../Control.ts"
import type { Answer, Head } from "../../Exchange.ts"
import { demoServerToken } from "../../PostmarkDouble.ts"
import { stringify } from "../http/json.ts"
import { makeChanges } from "./changesRoute.ts"
import * as inbox from "./inbox.ts"
import { inert } from "./mailFrame.ts"
import { pageFile } from "./pageFiles.ts"
import { type Headers, mailHeaders, pageHeaders, readHeaders } from "./pageHeaders.ts"

/** `demoToken` is that of a server, if one has it. */
export interface InboxAnswer extends inbox.Inbox {
  readonly demoToken: string | undefined
}

/**
 * Answers what belongs to the page, and nothing else. One answer never ends, and
 * is written to the response itself.
 */
export const make = (
  control: Control
): Effect.Effect<
  (head: Head, response: ServerResponse) => Option.Option<Effect.Effect<Answer>>,
  never,
  Scope.Scope
> =>
  Effect.map(makeChanges(control), (changes) => (head, response) => {
    if (head.method === "GET" && head.path === "/_double/changes") return Option.some(changes(response))
    if (head.method !== "GET" && head.method !== "HEAD") return Option.none()
    if (head.path === "/_double/inbox") return Option.some(list(control, head.query))
    const named = /^\/_double\/inbox\/([^/]+)$/.exec(head.path)?.[1]
    if (named !== undefined) return Option.some(details(control, named))
    const framed = /^\/_double\/messages\/([^/]+)\/html$/.exec(head.path)?.[1]
    if (framed !== undefined) return Option.some(html(control, framed))
    return Option.map(
      pageFile(head.path),
      Effect.map(({ text, type }) => answer(200, type, text, pageHeaders))
    )
  })

const list = (control: Control, query: URLSearchParams): Effect.Effect<Answer> =>
  Effect.gen(function*() {
    const found = yield* inbox.list(control, {
      search: query.get("search") ?? "",
      offset: whole(query.get("offset"), 0, Number.MAX_SAFE_INTEGER),
      count: whole(query.get("count"), inbox.defaultCount, inbox.mostCount)
    })
    const servers = yield* control.servers
    // Whoever sees the page may know the token that everybody knows, and no other.
    const token = servers.find(({ token }) => token === demoServerToken)?.token
    const body: InboxAnswer = { ...found, demoToken: token }
    return json(200, body)
  })

/** Null if there is no such message: a browser notes every 404 on its console, and after a reset this is no error. */
const details = (control: Control, messageId: string): Effect.Effect<Answer> =>
  Effect.map(inbox.details(control, messageId), (found) => json(200, Option.getOrNull(found)))

const html = (control: Control, messageId: string): Effect.Effect<Answer> =>
  Effect.map(
    inbox.find(control, messageId),
    (message) =>
      Option.match(Option.flatMapNullable(message, ({ htmlBody }) => htmlBody), {
        onNone: () => unknownMessage,
        onSome: (body) => answer(200, "text/html; charset=utf-8", inert(body), mailHeaders)
      })
  )

const whole = (text: string | null, otherwise: number, most: number): number =>
  text !== null && /^\d{1,15}$/.test(text) ? Math.min(Number(text), most) : otherwise

const json = (status: number, body: object | null): Answer =>
  answer(status, "application/json; charset=utf-8", stringify(body), readHeaders)

const answer = (status: number, type: string, body: string, headers: Headers): Answer => ({
  status,
  headers: { ...headers, "content-type": type },
  body
})

const unknownMessage = json(404, { message: "no such message, or it has no HTML body" })
