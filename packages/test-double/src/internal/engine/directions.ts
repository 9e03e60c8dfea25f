/** What a test or a script may make happen to a message: only what Postmark could come to. */
import { ControlError } from "../../Control.ts"
import * as Reader from "../../Reader.ts"
import type * as Script from "../../Script.ts"
import { tracksOpens } from "../routes/stats.ts"
import { trackedLinks } from "../rules/links.ts"
import type { Message, World } from "../state/state.ts"
import { isSuppressed } from "../state/suppressions.ts"
import * as outcomes from "./outcomes.ts"

export type Directed = ReadonlyArray<outcomes.Fired> | ControlError

/** Takes one step, and gives the webhook events it causes; or says why it cannot be. */
export const direct = (world: World, message: Message, email: string, step: Script.Step, now: number): Directed => {
  const { id } = message
  switch (step.kind) {
    case "deliver":
      if (has(message, email, "Delivered")) {
        return refuse("AlreadyDelivered", `${id} was delivered to ${email} already`)
      }
      // Not established (docs/postmark.md#webhook-payloads): what becomes of a message whose recipient is suppressed
      // while it is under way.
      if (isSuppressed(message.server, message.stream, email)) {
        return refuse("InactiveRecipient", `${email} has been suppressed since ${id} was sent`)
      }
      return outcomes.deliver(world, message, email, now)
    case "bounce":
      return step.type === "SpamComplaint"
        ? direct(world, message, email, { kind: "spamComplaint" }, now)
        : outcomes.bounce(world, message, email, step.type ?? "HardBounce", now, step.details)
    case "open":
      if (!tracksOpens(message)) {
        return refuse("OpensNotTracked", `${id} has no open tracking, which needs TrackOpens and an HtmlBody`)
      }
      return unreachable(message, email) ??
        outcomes.open(world, message, email, Reader.fromChoice(step.reader), now)
    case "click": {
      const links = trackedLinks(message)
      if (links.length === 0) {
        return refuse("LinksNotTracked", `${id} has no tracked links, which needs TrackLinks and a link`)
      }
      const link = links.find(({ location, url }) =>
        (step.link === undefined || url === step.link) && (step.location === undefined || location === step.location)
      )
      if (link === undefined) return refuse("UnknownLink", `${id} has no such tracked link`)
      return unreachable(message, email) ??
        outcomes.click(world, message, email, link, Reader.fromChoice(step.reader), now)
    }
    case "spamComplaint":
      return unreachable(message, email) ?? outcomes.spamComplaint(world, message, email, now)
    case "unsubscribe": {
      const handling = message.server.streams.get(message.stream)?.unsubscribe ?? "None"
      if (handling !== "Postmark") {
        return refuse("NoUnsubscribeLink", `Postmark puts no unsubscribe link into messages of '${message.stream}'`)
      }
      return unreachable(message, email) ?? outcomes.unsubscribe(world, message, email, now)
    }
  }
}

const refuse = (reason: ControlError["reason"], message: string) => new ControlError({ reason, message })

const has = (message: Message, email: string, type: string): boolean =>
  message.events.some((event) => event.type === type && event.recipient === email)

/** A message that has bounced and never arrived is read by nobody. */
const unreachable = (message: Message, email: string): ControlError | undefined =>
  has(message, email, "Bounced") && !has(message, email, "Delivered")
    ? refuse("NotDelivered", `${message.id} has bounced and was never delivered to ${email}`)
    : undefined
