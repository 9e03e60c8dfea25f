/** The four send endpoints (https://postmarkapp.com/developer/api/email-api). */
import type * as PostmarkApi from "@effect-postmark/core/PostmarkApi"
import { nextUuid } from "../engine/random.ts"
import { isObject } from "../http/json.ts"
import { isRefusal, ok, type Refusal, refusal } from "../http/response.ts"
import { type Draft, readDraft } from "../rules/sendFields.ts"
import { judge } from "../rules/sendRules.ts"
import { type Content, type Message, type Server, stamp, testToken, type World } from "../state/state.ts"
import { utcShort } from "../state/time.ts"
import type { Call, Handler } from "./call.ts"

type SendResponse = typeof PostmarkApi.SendResponse.Encoded

export const sendEmail: Handler = (call) => sendOne(call, false)

export const sendEmailWithTemplate: Handler = (call) => sendOne(call, true)

export const sendBatch: Handler = (call) => sendMany(call, call.body, false)

export const sendBatchWithTemplates: Handler = (call) =>
  isObject(call.body) && Array.isArray(call.body["Messages"])
    ? sendMany(call, call.body["Messages"], true)
    : refusal(403, "Invalid request field(s): 'Messages'.")

/** Keeps what was judged and found good. */
export const acceptContent = (world: World, server: Server, content: Content, now: number): Message => {
  const message = makeMessage(world, server, content, now)
  server.messages.push(message)
  world.messages.set(message.id, message)
  return message
}

const sendOne = (call: Call, template: boolean) => {
  const draft = readDraft(call.body, template)
  const response = isRefusal(draft) ? draft : accept(call, draft, template)
  return isRefusal(response) ? response : ok({ ...response })
}

const sendMany = (call: Call, body: unknown, template: boolean) => {
  if (!Array.isArray(body)) return refusal(403, "Invalid request field(s): the body is not a list of messages.")
  const drafts: Array<Draft> = []
  for (const item of body) {
    const draft = readDraft(item, template)
    // Not established (docs/postmark.md#batch): a field of the wrong type refuses the whole batch, as a body that is no
    // list of objects does.
    if (isRefusal(draft)) return draft
    drafts.push(draft)
  }
  if (drafts.length > 500) {
    return refusal(410, "You may only send up to 500 messages in a single batched request.")
  }
  // Not established (docs/postmark.md#unknowns): an empty batch is an empty answer, and an unknown stream concerns its
  // item only.
  return ok(drafts.map((draft): SendResponse => {
    const response = accept(call, draft, template)
    return isRefusal(response) ? { ErrorCode: response.code, Message: response.message } : response
  }))
}

const accept = (call: Call, draft: Draft, template: boolean): SendResponse | Refusal => {
  const content = judge(draft, call.server, template)
  if (isRefusal(content)) return content
  const test = call.server.settings.token === testToken
  const message = test
    ? makeMessage(call.world, call.server, content, call.now.millis)
    : acceptContent(call.world, call.server, content, call.now.millis)
  if (!test) call.accepted.push(message)
  const receipt = {
    ...(content.toText === undefined ? {} : { To: content.toText }),
    SubmittedAt: utcShort(message.at),
    MessageID: message.id
  }
  if (call.server.settings.delayedAccept === true) {
    return { ...receipt, Message: "Message accepted, but delivery may be delayed." }
  }
  return { ...receipt, ErrorCode: 0, Message: test ? "Test job accepted" : okText(content) }
}

const okText = ({ bcc, cc, inactive, to }: Content): string => {
  if (inactive.length === 0) return "OK"
  const left = [...to, ...cc, ...bcc].map(({ email }) => email).filter((email) =>
    inactive.includes(email.toLowerCase())
  )
  return `Message OK, but will not deliver to these inactive addresses: ${left.join(", ")}.`
}

const makeMessage = (world: World, server: Server, content: Content, now: number): Message => ({
  ...content,
  id: nextUuid(server.random),
  server,
  at: stamp(world, now),
  recipients: [...content.to, ...content.cc, ...content.bcc].map(({ email }) => email),
  events: [],
  scripted: []
})
