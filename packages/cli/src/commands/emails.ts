/**
 * `emails send` and `emails send-template`.
 *
 * @since 0.1.0
 */
import * as DryRun from "@effect-postmark/core/DryRun"
import { Email, TemplateEmail } from "@effect-postmark/core/Email"
import * as Json from "@effect-postmark/core/Json"
import type { Issue, ValidationFailure } from "@effect-postmark/core/PostmarkError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { flag, has, type Parsed } from "../CliCommand.ts"
import { open } from "../internal/calling.ts"
import { decoder, invalid } from "../internal/failing.ts"
import { shared } from "../internal/flags.ts"
import { checkStdin, payloadOf } from "../internal/payload.ts"
import { awaitOutcome, judgeOutcome } from "../internal/waiting.ts"
import { Output } from "../Output.ts"
import type { View } from "../View.ts"
import * as ActionCommand from "./ActionCommand.ts"

const wait = flag("wait", undefined, "wait until each recipient's server has answered, at most --timeout")

const view: View = {
  columns: [
    { path: "messageId", title: "message id" },
    { path: "to" },
    { path: "submittedAt", title: "accepted at", kind: "time" },
    { path: "message" },
    { path: "outcome.state", title: "outcome", kind: "state" },
    { path: "inactiveRecipients", title: "not sent to" }
  ]
}

const HasId = Schema.Struct({ messageId: Schema.String })
const isReceipt = Schema.is(HasId)

const decodeEmail = decoder("emails send", Email)
const decodeTemplateEmail = decoder("emails send-template", TemplateEmail)

/** The request that would be made, with its body as an object. */
const shown = (
  operation: string,
  run: Either.Either<DryRun.DryRun, ReadonlyArray<Issue>>
): Effect.Effect<unknown, ValidationFailure> =>
  Either.match(run, {
    onLeft: (issues) => invalid(operation, issues),
    onRight: (dry) => Effect.succeed({ dryRun: true, ...dry, body: Json.parse(dry.body) })
  })

const dryRunOf: Readonly<Record<string, (payload: unknown) => Effect.Effect<unknown, ValidationFailure>>> = {
  "postmark/send-email": (payload) =>
    Effect.flatMap(decodeEmail(payload), (email) => shown("emails send", DryRun.email(email))),
  "postmark/send-email-with-template": (payload) =>
    Effect.flatMap(decodeTemplateEmail(payload), (email) => shown("emails send-template", DryRun.templateEmail(email)))
}

const run = (derived: ActionCommand.Derived, parsed: Parsed) =>
  Effect.gen(function*() {
    const output = yield* Output
    const dry = dryRunOf[derived.handled.action.id]
    if (has(parsed, shared.dryRun) && dry !== undefined) {
      return yield* output.data(yield* dry(yield* payloadOf(parsed, derived.fieldFlags)))
    }
    yield* checkStdin(parsed)
    const call = yield* open(parsed)
    const receipt = yield* ActionCommand.perform(derived.handled, yield* payloadOf(parsed, derived.fieldFlags), call)
    if (!has(parsed, wait) || !isReceipt(receipt)) return yield* output.data(receipt, derived.view)
    yield* output.note(`Accepted as ${receipt.messageId}. Waiting for its delivery…`, {
      accepted: { messageId: receipt.messageId }
    })
    const outcome = yield* Effect.onError(
      awaitOutcome(call.client, receipt.messageId, call.timeout),
      // Whatever becomes of the wait, the message was sent, and a script must learn its id.
      () => Effect.ignore(output.data(receipt, derived.view))
    )
    yield* output.data({ ...receipt, outcome }, derived.view)
    yield* judgeOutcome(outcome)
  })

const codes = [
  "validation_failure",
  "invalid_token",
  "request_refused",
  "rate_limited",
  "postmark_unavailable",
  "outcome_unknown",
  "wait_timed_out",
  "bounced"
]

/**
 * What `emails send` has beside what is derived from the action.
 *
 * @since 0.1.0
 * @category commands
 */
export const send: ActionCommand.Extras = {
  path: ["emails", "send"],
  group: "Send",
  summary: "Send one email",
  flags: [shared.dryRun, wait],
  output: "{ messageId, to, submittedAt, message, source, correlation, inactiveRecipients, raw, outcome? }",
  examples: [
    "emails send --from ann@example.com --to bob@example.com --subject Hello --text \"Hello, Bob\"",
    "emails send --from ann@example.com --to bob@example.com --subject Report --html-file report.html --attach report.pdf",
    "emails send --input email.json --dry-run",
    "emails send --input - --wait --timeout 2m < email.json"
  ],
  codes,
  view,
  run: (derived, parsed) => run(derived, parsed)
}

/**
 * What `emails send-template` has beside what is derived from the action.
 *
 * @since 0.1.0
 * @category commands
 */
export const sendTemplate: ActionCommand.Extras = {
  ...send,
  path: ["emails", "send-template"],
  summary: "Send one email made by a template",
  examples: [
    "emails send-template --from ann@example.com --to bob@example.com --template-alias welcome --model '{\"name\":\"Bob\"}'",
    "emails send-template --from ann@example.com --to bob@example.com --template-id 123 --model @model.json --dry-run"
  ]
}
