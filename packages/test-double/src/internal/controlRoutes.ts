/** The control handle as a small JSON API under `/_double`, so that tests in any language can direct the double. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Control } from "../Control.ts"
import type { Answer, Head } from "../Exchange.ts"
import * as Fault from "../Fault.ts"
import { bounceTypeNames } from "./bounceTypes.ts"
import { json, ok } from "./http.ts"
import { parse } from "./json.ts"

export const isControl = ({ path }: Head): boolean => path === "/_double" || path.startsWith("/_double/")

export const handle = (control: Control, head: Head, text: string): Effect.Effect<Answer> => {
  const action = actions[`${head.method} ${head.path.replace(/(.)\/+$/, "$1")}`]
  if (action === undefined) return Effect.succeed(json(404, { message: "no such control" }))
  // A page of a browser cannot send this type to another origin without asking first.
  if (head.method === "POST" && !(head.headers["content-type"] ?? "").toLowerCase().startsWith("application/json")) {
    return Effect.succeed(json(415, { message: "Content-Type must be application/json" }))
  }
  const body = text.trim() === "" ? { value: {} } : parse(text)
  if (body === undefined) return Effect.succeed(json(400, { message: "the body is not valid JSON" }))
  return action(control, body.value).pipe(
    Effect.map(ok),
    Effect.catchTags({
      ParseError: ({ message }) => Effect.succeed(json(400, { message })),
      ControlError: ({ message, reason }) => Effect.succeed(json(409, { reason, message }))
    })
  )
}

const Target = Schema.Struct({ messageId: Schema.String, recipient: Schema.String })
const text = Schema.optionalWith(Schema.String, { exact: true })
const flag = Schema.optionalWith(Schema.Boolean, { exact: true })

const NewServer = Schema.Struct({
  token: Schema.String.pipe(Schema.minLength(1)),
  name: text,
  id: Schema.optionalWith(Schema.Int, { exact: true }),
  color: text,
  deliveryType: Schema.optionalWith(Schema.Literal("Live", "Sandbox"), { exact: true }),
  trackOpens: flag,
  trackLinks: Schema.optionalWith(Schema.Literal("None", "HtmlAndText", "HtmlOnly", "TextOnly"), { exact: true }),
  includeBounceContentInHook: flag,
  inboundHookUrl: text,
  allowedSenders: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
  pendingApproval: flag,
  delayedAccept: flag,
  bulkApproved: flag
})

const NewTemplate = Schema.Struct({
  token: text,
  id: Schema.optionalWith(Schema.Int, { exact: true }),
  alias: text,
  name: text,
  subject: Schema.String,
  htmlBody: text,
  textBody: text,
  templateType: Schema.optionalWith(Schema.Literal("Standard", "Layout"), { exact: true }),
  layout: text
})

const BounceTarget = Schema.Struct({
  ...Target.fields,
  type: Schema.optionalWith(Schema.Literal(...bounceTypeNames), { exact: true }),
  details: text
})

const Suppression = Schema.Struct({
  email: Schema.String,
  token: text,
  stream: text,
  reason: Schema.optionalWith(Schema.Literal("HardBounce", "SpamComplaint", "ManualSuppression"), { exact: true }),
  origin: Schema.optionalWith(Schema.Literal("Recipient", "Customer", "Admin"), { exact: true })
})

const ClickTarget = Schema.Struct({
  ...Target.fields,
  link: text,
  location: Schema.optionalWith(Schema.Literal("HTML", "Text"), { exact: true })
})

const Mail = Schema.Struct({
  token: text,
  from: Schema.String,
  to: text,
  cc: text,
  bcc: text,
  originalRecipient: text,
  mailboxHash: text,
  replyTo: text,
  subject: text,
  date: text,
  tag: text,
  textBody: text,
  htmlBody: text,
  strippedTextReply: text,
  spamScore: Schema.optionalWith(Schema.Number, { exact: true }),
  headers: Schema.optionalWith(Schema.Array(Schema.Struct({ Name: Schema.String, Value: Schema.String })), {
    exact: true
  }),
  attachments: Schema.optionalWith(
    Schema.Array(
      Schema.Struct({ name: Schema.String, content: Schema.String, contentType: Schema.String, contentId: text })
    ),
    { exact: true }
  )
})

type Action = (
  control: Control,
  body: unknown
) => Effect.Effect<object & { readonly [key: string]: unknown }, ParseError | ControlFailure>

type ParseError = Effect.Effect.Error<ReturnType<ReturnType<typeof Schema.decodeUnknown<string, string, never>>>>
type ControlFailure = Effect.Effect.Error<ReturnType<Control["deliver"]>>

/** An action that reads its body by a schema and answers `{}`. */
const command = <A, I>(
  schema: Schema.Schema<A, I>,
  run: (control: Control, input: A) => Effect.Effect<unknown, ControlFailure>
): Action =>
(control, body) => Effect.as(Effect.flatMap(Schema.decodeUnknown(schema)(body), (input) => run(control, input)), {})

const actions: { readonly [line: string]: Action } = {
  "GET /_double/messages": ({ sent }) => Effect.map(sent, (messages) => ({ messages })),
  "GET /_double/requests": ({ requests }) => Effect.map(requests, (log) => ({ requests: log })),
  "GET /_double/webhook-attempts": ({ webhookAttempts }) => Effect.map(webhookAttempts, (attempts) => ({ attempts })),
  "GET /_double/servers": ({ servers }) => Effect.map(servers, (list) => ({ servers: list })),
  "POST /_double/servers": (control, body) =>
    Schema.decodeUnknown(NewServer)(body).pipe(
      Effect.flatMap(control.addServer),
      Effect.map((server) => ({ ...server }))
    ),
  "POST /_double/templates": (control, body) =>
    Schema.decodeUnknown(NewTemplate)(body).pipe(
      Effect.flatMap(({ token, ...template }) => control.addTemplate(template, token)),
      Effect.map((id) => ({ id }))
    ),
  "POST /_double/deliver": command(
    Target,
    (control, { messageId, recipient }) => control.deliver(messageId, recipient)
  ),
  "POST /_double/bounce": command(
    BounceTarget,
    (control, { messageId, recipient, ...options }) => control.bounce(messageId, recipient, options)
  ),
  "POST /_double/open": command(Target, (control, { messageId, recipient }) => control.open(messageId, recipient)),
  "POST /_double/click": command(
    ClickTarget,
    (control, { messageId, recipient, ...options }) => control.click(messageId, recipient, options)
  ),
  "POST /_double/inbound": (control, body) =>
    Schema.decodeUnknown(Mail)(body).pipe(
      Effect.flatMap(({ token, ...mail }) => control.receiveInbound(mail, token)),
      Effect.map((messageId) => ({ messageId }))
    ),
  "POST /_double/confirm-sender": command(
    Schema.Struct({ email: Schema.String }),
    (control, { email }) => control.confirmSender(email)
  ),
  "POST /_double/spam-complaint": command(
    Target,
    (control, { messageId, recipient }) => control.spamComplaint(messageId, recipient)
  ),
  "POST /_double/suppress": command(Suppression, (control, { email, ...options }) => control.suppress(email, options)),
  "POST /_double/faults": command(Fault.Rule, (control, rule) => control.injectFault(rule)),
  "DELETE /_double/faults": (control) => Effect.as(control.clearFaults, {}),
  "POST /_double/settled": (control) => Effect.as(control.settled, {}),
  "POST /_double/reset": (control) => Effect.as(control.reset, {})
}
