/** The query of the routes that read the event log: its filters, its order and where to begin. */
import { Connections } from "@effect-postmark/core/Connections"
import * as EventKeys from "@effect-postmark/core/EventKeys"
import { EventStatus, type Filter, Order } from "@effect-postmark/core/EventLog"
import type { Issue } from "@effect-postmark/core/PostmarkError"
import { TriggerRegistry } from "@effect-postmark/core/TriggerRegistry"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ApiKey } from "../ApiKeys.ts"
import { mayTouch } from "./access.ts"
import * as Cursor from "./cursor.ts"
import { invalid } from "./failures.ts"
import { instantOf } from "./instant.ts"
import * as Responses from "./responses.ts"

export const maximumConnections = 100
export const maximumTriggers = 20

export interface EventQuery {
  readonly filter: Omit<Filter, "connections">
  /** The connections that the caller asked for; undefined when it asked for none in particular. */
  readonly connections: ReadonlyArray<string> | undefined
  readonly order: Order
  readonly limit: number
  readonly after: Option.Option<number>
}

/** The connections to read for a key that asked for these. */
export const scopeOf = (
  { connections }: Pick<EventQuery, "connections">,
  caller: Pick<ApiKey, "connections">
): ReadonlyArray<string> | undefined =>
  caller.connections === null ? connections : connections === undefined
    ? caller.connections
    : connections.filter((id) => caller.connections?.includes(id))

const severalOf = (text: string | ReadonlyArray<string>): ReadonlyArray<string> =>
  typeof text === "string" ? [text] : [...new Set(text)]

const key = Schema.optional(
  Schema.String.pipe(
    Schema.filter((text) => EventKeys.tagKey(text) !== null, {
      message: () => `must have 1 to ${EventKeys.maximumLength} characters, and no U+0000`
    })
  )
)

const instant = Schema.optional(Schema.String.pipe(
  Schema.filter((text) => instantOf(text) !== undefined, {
    message: () => "must be a time with a zone, such as 2026-09-30T16:05:00Z or 2026-09-30T18:05:00+02:00"
  })
))

const one = {
  after: Schema.optional(Schema.String),
  recipient: key,
  message: key,
  tag: key,
  status: Schema.optional(EventStatus),
  receivedFrom: instant
}
const several = Schema.optional(Schema.Union(Schema.String, Schema.Array(Schema.String)))
const filters = { ...one, connection: several, trigger: several }
const ordered = { ...filters, receivedTo: instant, order: Schema.optional(Order) }

/** The parameters of each route. */
const parameters = {
  stream: Schema.Struct(filters),
  export: Schema.Struct(ordered),
  list: Schema.Struct({
    ...ordered,
    limit: Schema.optional(
      Schema.String.pipe(
        Schema.pattern(/^(?:[1-9]\d?|[1-4]\d\d|500)$/, { message: () => "must be a whole number from 1 to 500" })
      )
    )
  })
}

type Parameters = Partial<typeof parameters.list.Type>

const make = <A extends Parameters, I>(operation: string, schema: Schema.Schema<A, I>) => {
  const decode = Responses.decode(operation, schema)
  return Effect.gen(function*() {
    const registry = yield* TriggerRegistry
    const known = yield* Connections

    const triggersOf = (given: ReadonlyArray<string> | undefined, issues: Array<Issue>) => {
      if (given !== undefined && given.length > maximumTriggers) {
        issues.push({ path: ["trigger"], message: `at most ${maximumTriggers} triggers` })
      }
      const found = given?.map((name) => registry.get(name)?.id)
      if (found?.includes(undefined) === true) {
        issues.push({
          path: ["trigger"],
          message: `must be one of ${registry.triggers.map(({ id }) => id).join(", ")}`
        })
      }
      return found?.filter((id) => id !== undefined)
    }

    const afterOf = (cursor: string | undefined, field: string, order: Order, issues: Array<Issue>) => {
      if (cursor === undefined) return Option.none<number>()
      const decoded = Cursor.decode(cursor)
      if (Option.isNone(decoded)) {
        issues.push({ path: [field], message: "must be a cursor of this API" })
      } else if (decoded.value.order !== order) {
        issues.push({
          path: [field],
          message: `is a cursor of order=${decoded.value.order}, and this request reads order=${order}: ` +
            "use it with its own order, or begin without a cursor"
        })
      }
      return Option.map(decoded, ({ sequence }) => sequence)
    }

    /** `resume` is a cursor from elsewhere than the query, and goes before the query's. */
    return (resume?: { readonly field: string; readonly cursor: string }) =>
      Effect.gen(function*() {
        const query: Parameters = yield* decode(yield* HttpServerRequest.ParsedSearchParams)
        const issues: Array<Issue> = []
        const order = query.order ?? "oldest"
        const trigger = triggersOf(query.trigger === undefined ? undefined : severalOf(query.trigger), issues)
        const after = resume === undefined
          ? afterOf(query.after, "after", order, issues)
          : afterOf(resume.cursor, resume.field, order, issues)
        const [receivedFrom, receivedTo] = [instantOf(query.receivedFrom), instantOf(query.receivedTo)]
        if (receivedFrom !== undefined && receivedTo !== undefined && receivedFrom >= receivedTo) {
          issues.push({ path: ["receivedTo"], message: "must be later than receivedFrom" })
        }
        const connections = query.connection === undefined ? undefined : severalOf(query.connection)
        if (connections !== undefined && connections.length > maximumConnections) {
          issues.push({ path: ["connection"], message: `at most ${maximumConnections} connections` })
        }
        if (issues.length > 0) return yield* invalid(operation, issues)
        for (const id of connections ?? []) {
          yield* mayTouch(id)
          yield* known.get(id)
        }
        const { message: messageId, recipient, status, tag } = query
        const filter = { trigger, recipient, messageId, tag, status, receivedFrom, receivedTo }
        return { filter, connections, order, limit: Number(query.limit ?? 100), after } satisfies EventQuery
      })
  })
}

export const list = make("listEvents", parameters.list)
export const stream = make("streamEvents", parameters.stream)
export const exported = make("exportEvents", parameters.export)
