/**
 * What Postmark's error codes mean, as data. Codes share their numbers with HTTP statuses and mean other things: never
 * compare one with the other.
 *
 * @since 0.1.0
 */

/**
 * Who can put it right: the caller by another request, the owner of the Postmark account in Postmark's settings, or
 * nobody but time.
 *
 * @since 0.1.0
 * @category models
 */
export type FixableBy = "caller" | "accountOwner" | "retry"

/**
 * One entry of the catalogue.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorCode {
  readonly code: number
  readonly meaning: string
  readonly fixableBy: FixableBy
  readonly notFound?: true
}

const entry = (code: number, fixableBy: FixableBy, meaning: string): ErrorCode => ({ code, meaning, fixableBy })
const missing = (code: number, meaning: string): ErrorCode => ({ code, meaning, fixableBy: "caller", notFound: true })

/**
 * The codes that the six actions, the server and the webhooks can meet. Source: Postmark API, A.5.
 *
 * @since 0.1.0
 * @category models
 */
export const catalogue: ReadonlyArray<ErrorCode> = [
  entry(10, "accountOwner", "the token is missing, unknown, or of the wrong kind"),
  entry(100, "retry", "Postmark is down for maintenance"),
  entry(101, "retry", "Postmark failed inside"),
  entry(300, "caller", "a field of the message is invalid"),
  entry(400, "accountOwner", "the sender is not a confirmed sender signature or domain of the account"),
  entry(401, "accountOwner", "the sender signature is not confirmed"),
  entry(402, "caller", "the body is not valid JSON"),
  entry(403, "caller", "a field has the wrong type"),
  entry(405, "accountOwner", "the account may not send or has no credits left"),
  entry(406, "caller", "recipients are inactive after a hard bounce, a spam complaint or a suppression"),
  entry(410, "caller", "a batch has at most 500 messages"),
  entry(411, "caller", "an attachment's file type is forbidden"),
  entry(412, "accountOwner", "the account awaits approval: recipients must share the sender's domain"),
  entry(413, "accountOwner", "the account is not approved to send"),
  entry(422, "accountOwner", "the server or the account is invalid"),
  entry(700, "caller", "a search parameter is invalid"),
  missing(701, "there is no such message"),
  entry(900, "caller", "a parameter should be a date"),
  missing(1101, "there is no such template"),
  entry(1109, "caller", "the request has no template data"),
  entry(1120, "caller", "a required template field is missing"),
  entry(1121, "caller", "a template field is too long"),
  entry(1122, "caller", "the template, its alias or its model is invalid"),
  entry(1123, "caller", "fields that exclude one another were given"),
  missing(1226, "there is no such message stream"),
  missing(1235, "there is no such message stream on this server"),
  entry(1236, "caller", "a stream of this type cannot send"),
  entry(1350, "caller", "the message stream is archived"),
  entry(1351, "caller", "the message stream is an inbound stream"),
  missing(1352, "there is no such webhook"),
  entry(1353, "caller", "the stream does not support this webhook trigger"),
  entry(1354, "caller", "the webhook's URL is missing or invalid"),
  entry(1355, "caller", "the webhook's body is missing"),
  entry(1356, "caller", "a new webhook has no ID yet"),
  entry(1357, "caller", "a webhook's ID and stream do not change"),
  entry(1358, "caller", "the name of a webhook header is invalid"),
  entry(1359, "accountOwner", "the stream has as many webhooks as it may have"),
  entry(1361, "caller", "a webhook value is invalid"),
  entry(1363, "caller", "a webhook's status is Postmark's to set"),
  entry(1364, "caller", "the webhook's endpoint did not answer Postmark's probes with 200; nothing was saved"),
  entry(1480, "accountOwner", "the caller's network address is not on the account's list"),
  entry(1500, "caller", "statistics begin at most one year ago"),
  entry(1502, "caller", "the first date must lie before the last")
]

const byCode = new Map(catalogue.map((item) => [item.code, item]))

/**
 * The catalogue's entry of a code, if it has one; Postmark uses codes that it documents nowhere.
 *
 * @since 0.1.0
 * @category getters
 */
export const get = (code: number): ErrorCode | undefined => byCode.get(code)
