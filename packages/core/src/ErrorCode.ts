/**
 * The meaning of Postmark's error codes, as data. Error codes and HTTP statuses share numbers with different
 * meanings: never compare one with the other.
 *
 * @since 0.1.0
 */
import type { Disposition } from "./PostmarkError.ts"

/**
 * Who can fix the error: the caller with another request, the owner of the Postmark account in its settings, or
 * nobody (wait).
 *
 * @since 0.1.0
 * @category models
 */
export type FixableBy = "caller" | "accountOwner" | "retry"

/**
 * One entry of the catalogue: the error code, its HTTP status, its meaning for a send, and who can fix it. `notFound`
 * marks error codes for something that does not exist. `operation` is present if the error code has this meaning for
 * that operation only.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorCode {
  readonly code: number
  readonly status: number
  readonly meaning: string
  readonly disposition: Disposition
  readonly fixableBy: FixableBy
  readonly notFound: boolean
  readonly operation?: string
}

/**
 * The page that documents Postmark's error codes. Postmark still returns older error codes that it no longer
 * documents.
 *
 * @since 0.1.0
 * @category constants
 */
export const documentation = "https://postmarkapp.com/developer/api/overview#error-codes"

const entry = (
  code: number,
  status: number,
  fixableBy: FixableBy,
  disposition: Disposition,
  meaning: string,
  notFound = false
): ErrorCode => ({ code, status, meaning, disposition, fixableBy, notFound })

const refused = (code: number, status: number, fixableBy: FixableBy, meaning: string): ErrorCode =>
  entry(code, status, fixableBy, "rejected", meaning)

const missing = (code: number, status: number, meaning: string): ErrorCode =>
  entry(code, status, "caller", "rejected", meaning, true)

/**
 * The catalogue, by error code. Postmark also returns error codes that are not in it: expect any integer. See
 * https://postmarkapp.com/developer/api/overview#error-codes.
 *
 * @since 0.1.0
 * @category models
 */
export const catalogue: ReadonlyArray<ErrorCode> = [
  refused(10, 401, "accountOwner", "the token is missing, unknown, or of the wrong kind"),
  refused(11, 422, "caller", "several fields of a bulk request are wrong"),
  missing(12, 404, "there is no such bulk request on this server"),
  refused(13, 422, "caller", "the pagination key of a bulk list is wrong"),
  refused(14, 422, "accountOwner", "the account is not approved for the bulk API"),
  entry(100, 503, "retry", "notSent", "Postmark is down for maintenance"),
  entry(101, 500, "retry", "unknown", "Postmark failed inside"),
  refused(300, 422, "caller", "a field of the message is invalid"),
  refused(400, 422, "accountOwner", "the sender is not a confirmed sender signature or domain of the account"),
  refused(401, 422, "accountOwner", "the sender signature is not confirmed"),
  refused(402, 422, "caller", "the body is not valid JSON"),
  refused(403, 422, "caller", "a field has the wrong type"),
  refused(405, 422, "accountOwner", "the account may not send, or has no credits left"),
  refused(406, 422, "caller", "recipients are inactive after a hard bounce, a spam complaint or a suppression"),
  refused(409, 422, "caller", "the request's headers do not ask for JSON"),
  refused(410, 422, "caller", "a batch has at most 500 messages"),
  refused(411, 422, "caller", "an attachment's file type is forbidden"),
  refused(412, 422, "accountOwner", "the account awaits approval: recipients must share the sender's domain"),
  refused(413, 422, "accountOwner", "the account is not approved to send"),
  refused(422, 422, "accountOwner", "the server or the account is invalid"),
  entry(429, 429, "retry", "notSent", "too many requests"),
  refused(500, 422, "caller", "the paging of a list of signatures or domains is wrong"),
  missing(501, 422, "there is no such sender signature, or it has no DKIM"),
  refused(502, 422, "caller", "the signature or domain has no data"),
  refused(503, 422, "caller", "a public email domain cannot be a sender"),
  refused(504, 422, "caller", "the sender signature exists already"),
  refused(505, 422, "retry", "the DKIM key is being renewed already"),
  refused(506, 422, "caller", "the sender signature is confirmed already"),
  refused(507, 422, "accountOwner", "the sender signature is not the account's own"),
  refused(508, 422, "caller", "the DKIM key is not being renewed"),
  missing(510, 422, "there is no such domain"),
  refused(511, 422, "caller", "a field of the domain or signature is invalid"),
  refused(512, 422, "caller", "the domain exists already"),
  refused(513, 422, "accountOwner", "the domain is not the account's own"),
  refused(514, 422, "caller", "the domain's name is missing"),
  refused(515, 422, "caller", "the domain's name is longer than 255 characters"),
  refused(516, 422, "caller", "the domain's name is malformed"),
  refused(520, 422, "caller", "the sender address is missing"),
  refused(521, 422, "caller", "a field of the sender signature is too long"),
  refused(522, 422, "caller", "the value is not a valid address or domain"),
  refused(523, 422, "caller", "the return path's CNAME is missing"),
  refused(600, 422, "caller", "the paging of a list of servers is wrong"),
  missing(601, 422, "the source or the destination server was not found"),
  refused(602, 422, "caller", "the inbound domain is in use already"),
  refused(603, 422, "caller", "a server of this name exists"),
  refused(604, 422, "accountOwner", "the account may not delete servers through the API"),
  refused(605, 422, "caller", "the server cannot be deleted"),
  refused(606, 422, "caller", "a webhook URL of the server is invalid"),
  refused(607, 422, "caller", "the server's color is invalid"),
  refused(608, 422, "caller", "the server's name or inbound domain is invalid"),
  refused(609, 422, "caller", "the request has no server data"),
  refused(610, 422, "accountOwner", "the inbound domain has no MX record"),
  refused(611, 422, "caller", "the inbound spam threshold is 0 to 30"),
  refused(612, 422, "caller", "the link tracking setting is invalid"),
  refused(613, 422, "caller", "the delivery type is invalid"),
  refused(614, 422, "accountOwner", "the account's plan does not allow it"),
  refused(615, 422, "caller", "the action is not supported"),
  refused(700, 422, "caller", "a search parameter is invalid"),
  missing(701, 422, "there is no such message, or it cannot be bypassed or retried"),
  refused(702, 422, "retry", "the inbound message could not be bypassed"),
  refused(703, 422, "retry", "the inbound message could not be retried"),
  entry(709, 500, "retry", "unknown", "DKIM verification is misconfigured"),
  refused(800, 422, "caller", "the paging of a list of inbound rules is wrong"),
  refused(809, 422, "caller", "the request has no rule"),
  refused(810, 422, "caller", "the inbound rule exists already"),
  refused(811, 422, "caller", "the inbound rule cannot be removed"),
  missing(812, 422, "there is no such inbound rule"),
  refused(813, 422, "caller", "the inbound rule is neither an address nor a domain"),
  refused(900, 422, "caller", "a parameter should be a date"),
  refused(1000, 422, "caller", "a parameter of the bounce search is invalid"),
  missing(1001, 422, "there is no such bounce, or its dump has expired"),
  refused(1002, 400, "caller", "a bounce id is needed"),
  refused(1003, 422, "caller", "a bounce of this type cannot be activated"),
  refused(1100, 422, "caller", "the paging or the type of a template list is invalid"),
  missing(1101, 422, "there is no such template"),
  refused(1105, 422, "accountOwner", "the server has as many templates as it may have"),
  refused(1109, 422, "caller", "the request has no template data"),
  refused(1120, 422, "caller", "a required template field is missing"),
  refused(1121, 422, "caller", "a template field is too long"),
  refused(1122, 422, "caller", "the template, its alias or its model is invalid"),
  refused(1123, 422, "caller", "fields that exclude one another were given"),
  refused(1124, 422, "caller", "there is no template to push, or there are too many"),
  refused(1125, 422, "caller", "the pushed templates are of different types"),
  refused(1130, 422, "caller", "the layout is in use"),
  refused(1131, 422, "caller", "the layout breaks the rules of its placeholder"),
  refused(1220, 422, "accountOwner", "the account may not use message streams"),
  refused(1221, 422, "caller", "the stream's type is invalid"),
  refused(1222, 422, "caller", "the stream needs an ID"),
  refused(1223, 422, "caller", "the stream needs a name"),
  refused(1224, 422, "caller", "the stream's name is too long"),
  refused(1225, 422, "accountOwner", "the server has as many streams as it may have"),
  missing(1226, 422, "there is no such message stream"),
  refused(1227, 422, "caller", "the stream's ID is malformed"),
  refused(1228, 422, "caller", "a server has one inbound stream only"),
  refused(1229, 422, "caller", "a default stream cannot be archived"),
  refused(1230, 422, "caller", "a stream of this ID exists"),
  refused(1231, 422, "caller", "the stream's description is too long"),
  refused(1232, 422, "caller", "the stream cannot be unarchived any more"),
  refused(1233, 422, "caller", "a stream's ID must not begin with pm-"),
  refused(1234, 422, "caller", "the stream's description must not hold HTML"),
  missing(1235, 422, "there is no such message stream on this server"),
  refused(1236, 422, "caller", "a stream of this type cannot send"),
  refused(1237, 422, "caller", "the stream's ID is reserved"),
  refused(1238, 422, "accountOwner", "the account may not handle unsubscribes itself"),
  refused(1239, 422, "caller", "streams of this type do not support this handling of unsubscribes"),
  refused(1240, 422, "caller", "the handling of unsubscribes is invalid"),
  refused(1241, 422, "retry", "the stream cannot be archived right now"),
  refused(1300, 422, "caller", "the paging of data removals is wrong"),
  missing(1301, 422, "there is no such data removal"),
  { ...refused(1301, 422, "caller", "the message stream is an inbound stream"), operation: "createWebhook" },
  refused(1302, 422, "accountOwner", "the account may not remove data"),
  refused(1350, 422, "caller", "the message stream is archived"),
  refused(1351, 422, "caller", "the message stream is an inbound stream"),
  missing(1352, 422, "there is no such webhook"),
  refused(1353, 422, "caller", "the stream does not support this webhook trigger"),
  refused(1354, 422, "caller", "the webhook's URL is missing or invalid"),
  refused(1355, 422, "caller", "the request has no webhook data"),
  refused(1356, 422, "caller", "a new webhook has no ID yet"),
  refused(1357, 422, "caller", "a webhook's ID and stream do not change"),
  refused(1358, 422, "caller", "the name of a webhook header is invalid"),
  refused(1359, 422, "accountOwner", "the stream has as many webhooks as it may have"),
  refused(1360, 422, "caller", "the webhook belongs to an integration and cannot be changed"),
  refused(1361, 422, "caller", "a webhook value is invalid"),
  refused(1362, 422, "caller", "the webhook status is neither verified nor unverified"),
  refused(1363, 422, "caller", "a webhook's status is Postmark's to set"),
  refused(1364, 422, "caller", "the webhook's endpoint did not answer Postmark's probes with 200; nothing was saved"),
  refused(1400, 422, "caller", "the count is out of range"),
  refused(1401, 422, "caller", "the count is missing"),
  refused(1402, 422, "caller", "the offset is invalid"),
  refused(1403, 422, "caller", "the offset is missing"),
  refused(1404, 422, "caller", "the suppression reason is invalid"),
  refused(1405, 422, "caller", "the suppression origin is invalid"),
  refused(1406, 200, "accountOwner", "this suppression cannot be changed"),
  refused(1407, 422, "retry", "the suppressions could not be processed"),
  refused(1408, 422, "caller", "an address is invalid"),
  refused(1409, 422, "caller", "the request has no suppressions"),
  refused(1410, 422, "caller", "at most 50 suppressions go into one request"),
  refused(1411, 422, "caller", "an address is missing"),
  refused(1480, 422, "accountOwner", "the caller's network address is not on the account's list"),
  refused(1500, 422, "caller", "statistics begin at most one year ago"),
  refused(1501, 422, "caller", "the count is out of range"),
  refused(1502, 422, "caller", "the first date must lie before the last")
]

const keyOf = (code: number, operation = "") => `${code} ${operation}`

const byCode = new Map(catalogue.map((item) => [keyOf(item.code, item.operation), item]))

/**
 * Returns the catalogue's entry of an error code, if there is one. Pass the error's `operation`: 1301 has one meaning
 * for webhooks and another for data removals.
 *
 * @since 0.1.0
 * @category getters
 */
export const get = (code: number, operation?: string): ErrorCode | undefined =>
  byCode.get(keyOf(code, operation)) ?? byCode.get(keyOf(code))
