/**
 * Whether an open can be reported at all: before anybody waits for one in vain.
 *
 * @since 0.1.0
 */
import type { Email, TemplateEmail } from "./Email.ts"
import type { OutboundMessageDetails } from "./OutboundMessage.ts"
import type { Server } from "./Server.ts"

/**
 * Why no open will come. `trackingOff`: neither the message nor its server asks for open tracking. `noHtmlBody`: the pixel
 * that reports an open needs HTML. `cannotTell`: a template makes the body, so only the sent message shows it.
 *
 * @since 0.1.0
 * @category models
 */
export type Obstacle = "trackingOff" | "noHtmlBody" | "cannotTell"

/**
 * What stands in the way of an open being reported for an email that is about to be sent. Nothing does if the list is
 * empty; `cannotTell` is a doubt, not a no. A server that tracks opens wins over the message's own `false`.
 * See https://postmarkapp.com/developer/api/email-api#send-a-single-email.
 *
 * @since 0.1.0
 * @category getters
 */
export const obstacles = (
  server: Pick<Server, "trackOpens">,
  email: Email | TemplateEmail
): ReadonlyArray<Obstacle> => [
  ...tracking(server.trackOpens === true || email.trackOpens === true),
  ...("templateModel" in email ? ["cannotTell" as const] : body(email.htmlBody))
]

/**
 * The same for a message that was sent: Postmark's record says whether it is tracked.
 *
 * @since 0.1.0
 * @category getters
 */
export const obstaclesOf = (
  message: Pick<OutboundMessageDetails, "trackOpens" | "htmlBody">
): ReadonlyArray<Obstacle> => [
  ...tracking(message.trackOpens === true),
  ...body(message.htmlBody)
]

/**
 * An obstacle in words, with what to do about it.
 *
 * @since 0.1.0
 * @category getters
 */
export const describe = (obstacle: Obstacle): string => descriptions[obstacle]

const descriptions: Readonly<Record<Obstacle, string>> = {
  trackingOff: "open tracking is off: send with trackOpens, or turn it on for the server in Postmark",
  noHtmlBody: "the message has no HTML body, and only HTML can report an open",
  cannotTell: "whether the template has an HTML body cannot be seen from here; without one, no open is reported"
}

const tracking = (on: boolean): ReadonlyArray<Obstacle> => on ? [] : ["trackingOff"]

const body = (html: string | null | undefined): ReadonlyArray<Obstacle> =>
  html === undefined || html === null || html.trim() === "" ? ["noHtmlBody"] : []
