/**
 * Rows of Postmark's tables of codes, texts and limits (docs/postmark.md#error-codes, #rate-limits, #error-messages,
 * #test-token and #limits) that a client can provoke.
 */
import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import { call, mail } from "./kit.ts"

const account = { token: "", headers: { "x-postmark-account-token": PostmarkDouble.demoAccountToken } }

const needsAccount = (path: string): boolean => /^\/(servers|domains|senders|data-removals|templates\/push)/.test(path)

export const run = (line: string, body?: unknown) => {
  const [name, path = ""] = line.split(" ")
  const method = (["GET", "POST", "PUT", "PATCH", "DELETE"] as const).find((known) => known === name) ?? "GET"
  return call(method, path, { ...(needsAccount(path) ? account : {}), ...(body === undefined ? {} : { body }) })
}

interface Row {
  readonly code: number
  readonly request: readonly [line: string, body?: unknown]
  readonly text: string
  readonly status?: number
  /** Requests before, that succeed. */
  readonly before?: ReadonlyArray<readonly [line: string, body?: unknown]>
}

const row = (
  code: number,
  request: Row["request"],
  text: string,
  more: Pick<Row, "status" | "before"> = {}
): Row => ({ code, request, text, ...more })

const email = (fields: object): Row["request"] => ["POST /email", { ...mail, ...fields }]
export const template = (fields: object): Row["request"] => [
  "POST /templates",
  { Name: "n", Subject: "s", TextBody: "t", ...fields }
]
const layout = { TemplateType: "Layout", Subject: "", TextBody: "{{{ @content }}}" }
const stream = (fields: object): Row["request"] => [
  "POST /message-streams",
  { ID: "news", Name: "News", MessageStreamType: "Broadcasts", ...fields }
]
const server = (fields: object): Row["request"] => ["PUT /server", fields]
const other: Row["request"] = ["POST /servers", { Name: "Other", InboundDomain: "in.example.org" }]
const domain: Row["request"] = ["POST /domains", { Name: "example.org" }]
export const sender = (
  fields: object
): Row["request"] => ["POST /senders", { FromEmail: "a@example.org", Name: "a", ...fields }]
const webhook = (fields: object): Row["request"] => ["POST /webhooks", { Url: "http://localhost/", ...fields }]
const suppressions = (count: number): Row["request"] => [
  "POST /message-streams/outbound/suppressions",
  { Suppressions: Array.from({ length: count }, (_, i) => ({ EmailAddress: `a${i}@example.com` })) }
]
const metadata =
  "Invalid metadata content. Field names are limited to 20 characters, values to 80 characters, and a message " +
  "to 10 fields."
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, "v"]))
export const attachment = (Name: string, Content = "aGk=") => ({ Name, Content, ContentType: "x/y" })
export const push = (
  PerformChanges: unknown,
  SourceServerID = 812_345,
  DestinationServerID = 812_346
): Row["request"] => [
  "PUT /templates/push",
  { SourceServerID, DestinationServerID, PerformChanges }
]

export const rows: ReadonlyArray<Row> = [
  row(402, ["POST /email", "{"], "The body of the request is not valid JSON."),
  row(402, ["POST /email"], "The body of the request is not valid JSON."),
  row(403, ["POST /email", "null"], "Invalid request field(s): the message is not an object."),
  row(403, ["POST /email/batch", {}], "Invalid request field(s): the body is not a list of messages."),
  row(403, ["POST /email/batchWithTemplates", []], "Invalid request field(s): 'Messages'."),
  row(403, email({ Metadata: { a: {} } }), "Invalid request field(s): 'Metadata'."),
  row(
    410,
    ["POST /email/batch", Array.from({ length: 501 }, () => mail)],
    "You may only send up to 500 messages in a single batched request."
  ),
  row(300, email({ From: "a@example.org, b@example.org" }), "Invalid 'From' address: 'a@example.org, b@example.org'."),
  row(300, email({ From: `${"f".repeat(250)} <shop@example.org>` }), "The 'From' value is limited to 255 characters."),
  row(300, email({ To: "jörg@example.com" }), "Invalid 'To' address: 'jörg@example.com'."),
  row(
    300,
    email({ Cc: Array.from({ length: 50 }, (_, i) => `a${i}@example.com`).join() }),
    "You may only send to up to 50 recipients in a single message, got 51."
  ),
  row(300, email({ Subject: "s".repeat(2001) }), "The 'Subject' value is limited to 2000 characters."),
  row(300, email({ Tag: "t".repeat(1001) }), "The 'Tag' value is limited to 1000 characters."),
  row(300, email({ TextBody: "t".repeat(5 * 1024 * 1024 + 1) }), "The 'TextBody' is limited to 5 MB."),
  row(300, email({ HtmlBody: "ä".repeat(2.5 * 1024 * 1024 + 1) }), "The 'HtmlBody' is limited to 5 MB."),
  row(300, email({ TrackLinks: "Sometimes" }), "Invalid 'TrackLinks' value: 'Sometimes'."),
  row(300, email({ Metadata: pairs(11) }), metadata),
  row(300, email({ Metadata: { ["n".repeat(21)]: "v" } }), metadata),
  row(300, email({ Metadata: { n: "v".repeat(81) } }), metadata),
  row(300, email({ Metadata: { Name: "v", name: "v" } }), metadata),
  row(
    300,
    email({ Attachments: [attachment("a.txt", "not base64")] }),
    "The content of the attachment 'a.txt' is not valid base64."
  ),
  ...("vbs exe bin bat chm com cpl crt hlp hta inf ins isp jse lnk mdb pcd pif reg scr sct shs vbe vba wsf wsh wsl msc msi " +
    "msp mst").split(" ").map((extension) =>
      row(
        411,
        email({ Attachments: [attachment(`a.${extension}`)] }),
        `The attachment 'a.${extension}' has a file type that is not allowed.`
      )
    ),
  row(1235, email({ MessageStream: "nope" }), "The stream provided: 'nope' does not exist on this server."),
  row(1236, email({ MessageStream: "inbound" }), "The stream provided: 'inbound' cannot send messages."),
  row(
    406,
    email({ To: "Gone <GONE@example.com>, a0@example.com" }),
    "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: GONE@example.com, " +
      "a0@example.com. Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual " +
      "suppression.",
    {
      before: [suppressions(1), ["POST /message-streams/outbound/suppressions", {
        Suppressions: [{ EmailAddress: "gone@example.com" }]
      }]]
    }
  ),
  row(
    12,
    ["GET /email/bulk/00000000-0000-4000-8000-000000000000"],
    "The bulk request was not found.",
    { status: 404 }
  ),
  row(13, ["GET /email/bulk?paginationKey=x"], "The 'paginationKey' is not valid."),
  row(1100, ["GET /templates?count=0&offset=0"], "The 'count' parameter is required, and is a number from 1 to 500."),
  row(1100, ["GET /templates?count=1&offset=0&templateType=x"], "The 'templatetype' parameter 'x' is not valid."),
  row(1101, ["GET /templates/nope"], "The 'TemplateId' associated with this request is not valid or was not found."),
  row(1109, ["POST /templates"], "The template is missing from the request body."),
  row(1120, template({ Name: null }), "The 'Name' is required."),
  row(1120, template({ TextBody: "" }), "One of 'HtmlBody' and 'TextBody' is required."),
  row(1120, template({ Subject: null }), "The 'Subject' is required."),
  row(1120, ["POST /templates/validate", {}], "One of 'Subject', 'HtmlBody' and 'TextBody' is required."),
  row(1121, template({ Alias: "a".repeat(256) }), "The 'Alias' is limited to 255 characters."),
  row(1121, template({ Subject: "s".repeat(2001) }), "The 'Subject' is limited to 2000 characters."),
  row(1122, template({ TemplateType: "Letter" }), "The 'TemplateType' 'Letter' is not valid, or cannot be changed."),
  row(1122, template({ Alias: "" }), "The 'Alias' is empty."),
  row(
    1122,
    template({ Alias: "7a" }),
    "The 'Alias' starts with a letter, and consists of letters, digits, '.', '-' and '_'."
  ),
  row(1122, template({ Alias: "a" }), "Another template has the 'Alias' 'a'.", { before: [template({ Alias: "a" })] }),
  row(1123, template({ ...layout, Subject: "s" }), "A 'Subject' must not be given for a layout."),
  row(
    1123,
    template({ ...layout, LayoutTemplate: "l" }),
    "A 'LayoutTemplate' must not be given for a layout.",
    { before: [template({ ...layout, Alias: "l" })] }
  ),
  row(1101, template({ LayoutTemplate: "no" }), "The 'LayoutTemplate' 'no' was not found."),
  row(1130, ["DELETE /templates/l"], "The layout is still used by templates.", {
    before: [template({ ...layout, Alias: "l" }), template({ LayoutTemplate: "l" })]
  }),
  row(
    1131,
    template({ ...layout, TextBody: "t" }),
    "The layout content placeholder must be present: {{{ @content }}}."
  ),
  row(
    1131,
    template({ ...layout, TextBody: "{{{ @content }}}{{{ @content }}}" }),
    "The layout content placeholder must be present only once: {{{ @content }}}."
  ),
  row(601, push(false), "The destination server was not found."),
  row(601, push(false, 1, 812_345), "The source server was not found."),
  row(601, push(false, 0, 1), "The source and destination servers were not found."),
  row(1124, push(false), "The source server has no templates with an alias.", { before: [other] }),
  row(403, push(null), "Invalid request field(s): 'PerformChanges'.", { before: [other] }),
  row(600, ["GET /servers?count=501&offset=0"], "The 'count' parameter is required, and is a number from 1 to 500."),
  row(601, ["GET /servers/1"], "The server was not found."),
  row(602, server({ InboundDomain: "IN.example.org" }), "The inbound domain 'in.example.org' is already in use.", {
    before: [other]
  }),
  row(603, ["POST /servers", { Name: "demo" }], "A server with the name 'demo' exists already."),
  row(606, server({ BounceHookUrl: "nowhere" }), "The 'BounceHookUrl' is not a valid URL."),
  row(607, server({ Color: "pink" }), "The 'Color' 'pink' is not valid."),
  row(608, server({ Name: " " }), "The 'Name' of the server is missing or not valid."),
  row(609, server([]), "The server is missing from the request body."),
  row(611, server({ InboundSpamThreshold: 31 }), "The 'InboundSpamThreshold' is a number from 0 to 30."),
  row(612, server({ TrackLinks: "All" }), "The 'TrackLinks' value 'All' is not valid."),
  row(
    613,
    ["POST /servers", { Name: "n", DeliveryType: "x" }],
    "The 'DeliveryType' 'x' is not valid, or cannot be changed."
  ),
  row(
    700,
    ["GET /messages/outbound?count=500&offset=9501"],
    "The sum of 'count' and 'offset' must not exceed 10000."
  ),
  row(701, ["GET /messages/outbound/opens/x?count=1&offset=0"], "This message was not found."),
  row(701, ["PUT /messages/inbound/x/bypass"], "This message was not found or cannot be bypassed."),
  row(701, ["PUT /messages/inbound/x/retry"], "This message was not found or cannot be retried."),
  row(1000, ["GET /bounces?count=1&offset=-1"], "The 'offset' parameter is required, and is 0 or more."),
  row(1000, ["GET /bounces?count=1&offset=0&type=x"], "The 'type' parameter 'x' is not valid."),
  row(1001, ["GET /bounces/1"], "The bounce was not found."),
  row(1002, ["GET /bounces/x"], "The 'bounceID' is required.", { status: 400 }),
  row(809, ["POST /triggers/inboundRules", {}], "The rule is missing from the request body."),
  row(810, ["POST /triggers/inboundRules", { Rule: "A.example" }], "The rule 'A.example' exists already.", {
    before: [["POST /triggers/inboundRules", { Rule: "a.example" }]]
  }),
  row(812, ["DELETE /triggers/inboundRules/1"], "The rule was not found."),
  row(813, ["POST /triggers/inboundRules", { Rule: "a b" }], "'a b' is neither an email address nor a domain."),
  row(1221, stream({ MessageStreamType: "Letters" }), "The 'MessageStreamType' is not valid."),
  row(1221, ["GET /message-streams?messageStreamType=x"], "The 'messagestreamtype' parameter 'x' is not valid."),
  row(1222, stream({ ID: null }), "A valid 'ID' is needed."),
  row(1223, stream({ Name: null }), "A valid 'Name' is needed."),
  row(1224, stream({ Name: "n".repeat(101) }), "The 'Name' is limited to 100 characters."),
  row(1225, stream({ ID: "s8" }), "A server can have at most 10 message streams.", {
    before: Array.from({ length: 7 }, (_, i) => stream({ ID: `s${i}` }))
  }),
  row(1226, ["GET /message-streams/nope"], "The message stream for the provided 'ID' was not found."),
  ...["1a", "A", "a b", "a".repeat(31)].map((ID) =>
    row(
      1227,
      stream({ ID }),
      "The 'ID' starts with a letter, has at most 30 characters, and consists of lowercase letters, digits, '-' and '_'."
    )
  ),
  row(1228, stream({ MessageStreamType: "Inbound" }), "A server can have only one inbound stream."),
  ...["outbound", "inbound"].map((id) =>
    row(
      1229,
      [`POST /message-streams/${id}/archive`],
      "The default transactional and inbound streams cannot be archived."
    )
  ),
  row(1230, stream({ ID: "broadcast" }), "A message stream with the 'ID' 'broadcast' exists already."),
  row(1231, stream({ Description: "d".repeat(1001) }), "The 'Description' is limited to 1000 characters."),
  row(1233, stream({ ID: "pm-news" }), "The 'ID' must not start with 'pm-'."),
  row(1234, stream({ Description: "<b>" }), "The 'Description' must not contain HTML."),
  row(1237, stream({ ID: "all" }), "The 'ID' 'all' is reserved."),
  row(1241, ["POST /message-streams/broadcast/archive"], "This message stream is unable to be archived at this time.", {
    before: [["POST /message-streams/broadcast/archive"]]
  }),
  row(
    1404,
    ["GET /message-streams/outbound/suppressions/dump?SuppressionReason=x"],
    "The 'suppressionreason' parameter 'x' is not valid."
  ),
  row(
    1405,
    ["GET /message-streams/outbound/suppressions/dump?Origin=x"],
    "The 'origin' parameter 'x' is not valid."
  ),
  row(
    1407,
    ["GET /message-streams/outbound/suppressions/dump?fromdate=x"],
    "The 'fromdate' parameter 'x' is not a date."
  ),
  row(
    1409,
    ["POST /message-streams/outbound/suppressions"],
    "The 'Suppressions' are missing from the request body."
  ),
  row(1410, suppressions(51), "At most 50 suppressions can be changed in one request."),
  row(
    1411,
    ["POST /message-streams/outbound/suppressions", { Suppressions: [{ EmailAddress: "" }] }],
    "The 'EmailAddress' is missing."
  ),
  row(
    1300,
    ["POST /data-removals", { RequestedBy: "a@example.org" }],
    "'RequestedBy' and 'RequestedFor' are email addresses, and both are required."
  ),
  row(1301, ["GET /data-removals/1"], "The data removal was not found."),
  row(1350, webhook({ MessageStream: "broadcast" }), "The message stream is archived.", {
    before: [["POST /message-streams/broadcast/archive"]]
  }),
  row(1351, webhook({ MessageStream: "inbound" }), "Webhooks cannot be created for an inbound message stream."),
  row(1352, ["DELETE /webhooks/1"], "The webhook for the provided 'ID' was not found."),
  row(1354, webhook({ Url: "ftp://localhost/" }), "The 'Url' of the webhook is missing or not valid."),
  row(1355, ["POST /webhooks"], "The webhook is missing from the request body."),
  row(1356, webhook({ ID: 7 }), "An 'ID' must not be given when a webhook is created."),
  row(
    1357,
    ["PUT /webhooks/1000001", { ID: 7 }],
    "The 'ID' and the 'MessageStream' of a webhook cannot be changed.",
    { before: [webhook({})] }
  ),
  row(1358, webhook({ HttpHeaders: [{ Name: "a b", Value: "c" }] }), "The 'Name' of an HTTP header is not valid."),
  row(1361, webhook({ HttpAuth: { Username: "a" } }), "The value of 'HttpAuth' is not valid."),
  row(1361, webhook({ Triggers: { Open: { Enabled: "yes" } } }), "The value of 'Triggers' is not valid."),
  row(1363, webhook({ Status: "verified" }), "The 'Status' of a webhook cannot be set."),
  row(500, ["GET /senders?count=1"], "The 'offset' parameter is required, and is 0 or more."),
  row(501, ["GET /senders/1"], "The sender signature was not found."),
  row(502, ["POST /senders"], "The sender signature is missing from the request body."),
  row(503, sender({ FromEmail: "a@gmail.com" }), "'gmail.com' is a public email domain."),
  row(503, ["POST /domains", { Name: "Gmail.com" }], "'Gmail.com' is a public email domain."),
  row(504, sender({ FromEmail: "A@example.org" }), "A sender signature for 'A@example.org' exists already.", {
    before: [sender({})]
  }),
  row(505, ["POST /domains/36001/rotateDkim"], "This DKIM is already being renewed.", { before: [domain] }),
  row(510, ["GET /domains/1"], "The domain was not found."),
  row(511, sender({ Name: "" }), "The 'Name' is required."),
  row(512, ["POST /domains", { Name: "EXAMPLE.org" }], "The domain 'EXAMPLE.org' exists already.", {
    before: [domain]
  }),
  row(514, ["POST /domains", {}], "The 'Name' of the domain is required."),
  row(515, ["POST /domains", { Name: "d".repeat(256) }], "The 'Name' of the domain is limited to 255 characters."),
  row(516, ["POST /domains", { Name: "no domain" }], "'no domain' is not a valid domain."),
  row(520, sender({ FromEmail: null }), "The 'FromEmail' is required."),
  row(
    521,
    sender({ ConfirmationPersonalNote: "n".repeat(401) }),
    "The 'ConfirmationPersonalNote' is limited to 400 characters."
  ),
  row(522, sender({ FromEmail: "nobody" }), "'nobody' is not a valid email address."),
  row(522, sender({ ReplyToEmail: "nobody" }), "'nobody' is not a valid email address."),
  row(
    522,
    ["POST /domains", { Name: "example.org", ReturnPathDomain: "pm.example.com" }],
    "The 'ReturnPathDomain' 'pm.example.com' is not a subdomain of 'example.org'."
  )
]

/** What lies just within the limits. */
export const allowed: Readonly<Record<string, Row["request"]>> = {
  "a From of 255 characters": email({ From: `${"f".repeat(236)} <shop@example.org>` }),
  "a subject of 2000": email({ Subject: "s".repeat(2000) }),
  "a tag of 1000": email({ Tag: "t".repeat(1000) }),
  "bodies of 5 MB": email({ TextBody: "t".repeat(5 * 1024 * 1024) }),
  "10 metadata fields": email({ Metadata: pairs(10) }),
  "metadata of 20 and 80 characters": email({ Metadata: { ["n".repeat(20)]: "v".repeat(80) } }),
  "a batch of 500": ["POST /email/batch", Array.from({ length: 500 }, () => mail)],
  "50 suppressions": suppressions(50),
  "a page of 500 up to 10000": ["GET /messages/outbound?count=500&offset=9500"],
  "a stream's id of 30, its name of 100 and its description of 1000": stream({
    ID: "a".repeat(30),
    Name: "n".repeat(100),
    Description: "d".repeat(1000)
  }),
  "a spam threshold of 30": server({ InboundSpamThreshold: 30 }),
  "a personal note of 400": sender({ ConfirmationPersonalNote: "n".repeat(400) })
}
