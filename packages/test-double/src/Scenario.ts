/**
 * A double as data: its servers, scripts and faults, in a JSON or YAML file or in code.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Fault from "./Fault.ts"
import { describeIssues } from "./internal/control/issues.ts"
import { optional } from "./internal/http/optional.ts"
import { Settings } from "./PostmarkServer.ts"
import * as RetryLadder from "./RetryLadder.ts"
import { Script, Time } from "./Script.ts"

/**
 * A scenario. Its fields are the options of `PostmarkDouble.Options` that can be written to a file.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Scenario = Schema.Struct({
  seed: optional(Schema.String),
  startTime: optional(Schema.Date),
  paused: optional(Schema.Boolean),
  accountToken: optional(Schema.String.pipe(Schema.minLength(1))),
  allowRealLookingTokens: optional(Schema.Boolean),
  autoDeliver: optional(Schema.Boolean),
  deliveryDelay: optional(Time),
  indexLag: optional(Time),
  retention: optional(Time),
  archiveDelay: optional(Time),
  senderVerification: optional(Schema.Boolean),
  templateAliases: optional(Schema.Literal("layouts", "all")),
  inboundWebhookCode: optional(Schema.Literal(1351, 1301)),
  retryLadder: optional(Schema.Literal(...RetryLadder.names)),
  pauseTriggerAfter: optional(Schema.Int.pipe(Schema.positive())),
  webhookHosts: optional(Schema.Array(Schema.String)),
  webhookProbes: optional(Schema.Boolean),
  servers: optional(Schema.Array(Settings).pipe(Schema.minItems(1))),
  scripts: optional(Schema.Array(Script)),
  faults: optional(Schema.Array(Fault.Rule))
}).annotations({ identifier: "Scenario" })

/**
 * @since 0.1.0
 * @category models
 */
export interface Scenario extends Schema.Schema.Type<typeof Scenario> {}

/**
 * The error of a text that is not a scenario. The message names each invalid field and the expected type, never a value.
 *
 * @since 0.1.0
 * @category errors
 */
export class ScenarioError extends Schema.TaggedError<ScenarioError>("@effect-postmark/test-double/ScenarioError")(
  "ScenarioError",
  { message: Schema.String }
) {}

/**
 * Parses a scenario from YAML or JSON text. Fails on unknown fields.
 *
 * @since 0.1.0
 * @category conversions
 */
export const parse = (text: string): Effect.Effect<Scenario, ScenarioError> =>
  Effect.gen(function*() {
    const { parseDocument } = yield* Effect.promise(() => import("yaml"))
    const value: unknown = yield* Effect.try({
      try: () => {
        const document = parseDocument(text, { logLevel: "error" })
        const [error] = document.errors
        if (error !== undefined) throw error
        return document.toJS()
      },
      catch: (error) =>
        new ScenarioError({
          message: `not YAML or JSON: ${error instanceof Error ? firstLine(error.message) : "unreadable"}`
        })
    })
    return yield* decode(value)
  })

/**
 * Decodes a scenario from parsed JSON.
 *
 * @since 0.1.0
 * @category conversions
 */
export const decode = (value: unknown): Effect.Effect<Scenario, ScenarioError> =>
  Schema.decodeUnknown(Scenario)(value, { errors: "all", onExcessProperty: "error" }).pipe(
    Effect.mapError((error) => new ScenarioError({ message: describe(error) }))
  )

const describe = (error: ParseResult.ParseError): string =>
  describeIssues(ParseResult.ArrayFormatter.formatErrorSync(error), "the scenario")

// Removes the parts of the parser's message that quote the text: after a colon, and after the first line.
const firstLine = (text: string): string => (text.split("\n")[0] ?? "").replace(/: .*?(?= at line \d|$)/, "")
