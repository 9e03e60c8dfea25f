/**
 * Judges one message as Postmark does, in the order of docs/postmark.md#order-of-checks, with the texts of
 * docs/postmark.md#error-messages.
 */
import { isRefusal, type Refusal, refusal } from "../http/response.ts"
import { activeStream, type Content, type Server, type StoredTemplate, testToken } from "../state/state.ts"
import { isSuppressed } from "../state/suppressions.ts"
import { findLayout, findTemplate, renderTexts } from "../templates/templateRender.ts"
import { domainOf, type Mailbox, parseFrom, parseList } from "./addresses.ts"
import { same } from "./fields.ts"
import type { Draft } from "./sendFields.ts"
import { isLargerThan } from "./size.ts"

/**
 * The content that will be sent, or why not; `keep` accepts inactive recipients, as SMTP does. Texts that are not
 * quoted in docs/postmark.md#error-messages are not established (docs/postmark.md#unknowns).
 */
export const judge = (
  draft: Draft,
  server: Server,
  withTemplate: boolean,
  inactives: "judge" | "keep" = "judge"
): Content | Refusal => {
  // Not established (docs/postmark.md#error-codes): a stream that is archived; here it does not exist for sending.
  const stream = activeStream(server, draft.stream)
  if (stream === undefined) {
    return refusal(1235, `The stream provided: '${draft.stream}' does not exist on this server.`)
  }
  if (stream.type === "Inbound") return refusal(1236, `The stream provided: '${draft.stream}' cannot send messages.`)
  if (draft.from === "") return refusal(300, "Invalid 'From' value.")
  const from = parseFrom(draft.from)
  if (isRefusal(from)) return from
  const lists = parseLists(draft)
  if (isRefusal(lists)) return lists
  const problem = recipientsProblem(lists) ?? bodyProblem(draft, withTemplate) ?? limitsProblem(draft) ??
    attachmentsProblem(draft)
  if (problem !== undefined) return problem
  const body = withTemplate ? renderTemplate(draft, server) : { ...textsOf(draft), template: undefined }
  if (isRefusal(body)) return body
  const accountProblem = server.settings.token === testToken
    ? undefined
    : senderProblem(draft, from, server) ?? approvalProblem(from, lists, server)
  if (accountProblem !== undefined) return accountProblem
  const addresses = [...lists.to, ...lists.cc, ...lists.bcc].map(({ email }) => email)
  const inactive = addresses.filter((email) => isSuppressed(server, draft.stream, email))
  if (
    inactives === "judge" && inactive.length > 0 &&
    (inactive.length === addresses.length || server.settings.partialInactive === "refuse")
  ) {
    return inactiveRefusal(inactive)
  }
  return {
    ...lists,
    from,
    inactive: inactive.map((email) => email.toLowerCase()),
    toText: draft.to,
    stream: draft.stream,
    replyTo: draft.replyTo,
    subject: body.subject ?? "",
    htmlBody: body.htmlBody,
    textBody: body.textBody,
    tag: draft.tag,
    template: body.template,
    headers: draft.headers,
    metadata: Object.fromEntries(draft.metadata),
    attachments: draft.attachments.map(({ Name }) => Name),
    trackOpens: draft.trackOpens === true || server.fields.TrackOpens,
    trackLinks: linkMode(draft.trackLinks ?? "") ?? server.fields.TrackLinks
  }
}

interface Lists {
  readonly to: ReadonlyArray<Mailbox>
  readonly cc: ReadonlyArray<Mailbox>
  readonly bcc: ReadonlyArray<Mailbox>
}

export const parseLists = (draft: Draft): Lists | Refusal => {
  const to = parseList("To", draft.to ?? "")
  if (isRefusal(to)) return to
  const cc = parseList("Cc", draft.cc ?? "")
  if (isRefusal(cc)) return cc
  const bcc = parseList("Bcc", draft.bcc ?? "")
  if (isRefusal(bcc)) return bcc
  const replyTo = parseList("Reply-To", draft.replyTo ?? "")
  return isRefusal(replyTo) ? replyTo : { to, cc, bcc }
}

export const recipientsProblem = ({ bcc, cc, to }: Lists): Refusal | undefined => {
  const count = to.length + cc.length + bcc.length
  if (count === 0) return refusal(300, "Zero recipients specified")
  return count > 50
    ? refusal(300, `You may only send to up to 50 recipients in a single message, got ${count}.`)
    : undefined
}

const bodyProblem = (draft: Draft, withTemplate: boolean): Refusal | undefined =>
  !withTemplate && draft.htmlBody === undefined && draft.textBody === undefined
    ? refusal(300, "Provide either email TextBody or HtmlBody or both.")
    : undefined

const megabyte = 1024 * 1024

export const limitsProblem = (draft: Draft): Refusal | undefined => {
  if (draft.from.length > 255) return refusal(300, "The 'From' value is limited to 255 characters.")
  if ((draft.subject ?? "").length > 2000) return refusal(300, "The 'Subject' value is limited to 2000 characters.")
  if ((draft.tag ?? "").length > 1000) return refusal(300, "The 'Tag' value is limited to 1000 characters.")
  for (const [name, body] of [["HtmlBody", draft.htmlBody], ["TextBody", draft.textBody]] as const) {
    if (isLargerThan(body ?? "", 5 * megabyte)) {
      return refusal(300, `The '${name}' is limited to 5 MB.`)
    }
  }
  if (draft.trackLinks !== undefined && linkMode(draft.trackLinks) === undefined) {
    return refusal(300, `Invalid 'TrackLinks' value: '${draft.trackLinks}'.`)
  }
  const names = new Set(draft.metadata.map(([name]) => name.toLowerCase()))
  return draft.metadata.length > 10 || names.size < draft.metadata.length ||
      draft.metadata.some(([name, value]) => name.length > 20 || value.length > 80)
    ? refusal(
      300,
      "Invalid metadata content. Field names are limited to 20 characters, values to 80 characters, and a message to 10 fields."
    )
    : undefined
}

const linkMode = (text: string): string | undefined =>
  ["None", "HtmlAndText", "HtmlOnly", "TextOnly"].find((known) => same(known, text))

const attachmentsProblem = (draft: Draft): Refusal | undefined => {
  const size = draft.attachments.reduce((sum, { Content }) => sum + Content.length, 0)
  if (size >= 10 * megabyte) {
    return refusal(300, "Attachments too big. The total size should be less than 10485760 bytes.")
  }
  for (const { Content, Name } of draft.attachments) {
    const extension = Name.slice(Name.lastIndexOf(".") + 1).toLowerCase()
    if (Name.includes(".") && forbiddenExtensions.has(extension)) {
      return refusal(411, `The attachment '${Name}' has a file type that is not allowed.`)
    }
    if (Content.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(Content)) {
      return refusal(300, `The content of the attachment '${Name}' is not valid base64.`)
    }
  }
  return undefined
}

const forbiddenExtensions: ReadonlySet<string> = new Set(
  ("vbs exe bin bat chm com cpl crt hlp hta inf ins isp jse lnk mdb pcd pif reg scr sct shs vbe vba wsf wsh wsl msc msi msp mst")
    .split(" ")
)

type Body = Pick<Content, "htmlBody" | "textBody" | "template"> & { readonly subject: string | undefined }

const textsOf = ({ htmlBody, subject, textBody }: Draft) => ({ subject, htmlBody, textBody })

const renderTemplate = (draft: Draft, server: Server): Body | Refusal => {
  const [forbidden] = draft.forbiddenBesideTemplate
  if (forbidden !== undefined) return refusal(1123, `The '${forbidden}' must not be given with a template.`)
  if (draft.templateModel === undefined) return refusal(1120, "The 'TemplateModel' is required.")
  // Not established (docs/postmark.md#error-codes): which model keys are reserved.
  const reserved = Object.keys(draft.templateModel).find((key) => key.startsWith("pm:") || key.startsWith("@"))
  if (reserved !== undefined) return refusal(1122, `The 'TemplateModel' has a reserved key: '${reserved}'.`)
  // The test token renders nothing (docs/postmark.md#test-token), and its server has no templates.
  if (server.settings.token === testToken) {
    return { subject: "", htmlBody: undefined, textBody: "", template: undefined }
  }
  const template = templateOf(draft, server)
  if (isRefusal(template)) return template
  const texts = renderTexts(template, findLayout(server, template.layout), draft.templateModel)
  return isRefusal(texts) ? texts : { ...texts, template: { id: template.id, alias: template.alias } }
}

// Not established (docs/postmark.md#templates): a layout is no template that can be sent.
export const templateOf = ({ templateAlias, templateId }: Draft, server: Server): StoredTemplate | Refusal => {
  if (templateId === undefined && templateAlias !== undefined) {
    const template = findTemplate(server, { alias: templateAlias })
    return template?.type === "Standard"
      ? template
      : refusal(1101, "The Template's 'Alias' associated with this request is not valid or was not found.")
  }
  const template = templateId === undefined ? undefined : findTemplate(server, { id: templateId })
  return template?.type === "Standard"
    ? template
    : refusal(1101, "The 'TemplateId' associated with this request is not valid or was not found.")
}

const senderProblem = (draft: Draft, from: Mailbox, { account, settings }: Server): Refusal | undefined => {
  const email = from.email.toLowerCase()
  const domain = domainOf(email)
  const free = settings.allowedSenders === undefined && !account.senderVerification
  const known = free ||
    settings.allowedSenders?.some((sender) => [email, domain].includes(sender.toLowerCase())) === true ||
    [...account.signatures.values()].some((signature) => signature.confirmed && same(signature.email, email)) ||
    [...account.domains.values()].some((record) => record.dkimVerified && same(record.name, domain))
  return known ? undefined : refusal(
    400,
    `The 'From' address you supplied (${draft.from}) is not a Sender Signature on your account. Please add and ` +
      "confirm this address in order to be able to use it in the 'From' field of your messages."
  )
}

const approvalProblem = (from: Mailbox, { bcc, cc, to }: Lists, { settings }: Server): Refusal | undefined => {
  if (settings.pendingApproval !== true) return undefined
  const own = domainOf(from.email)
  const others = new Set([...to, ...cc, ...bcc].map(({ email }) => domainOf(email)).filter((domain) => domain !== own))
  return others.size === 0 ? undefined : refusal(
    412,
    "While your account is pending approval, all recipient addresses must share the same domain as the 'From' address. " +
      `The domain of the 'From' address is '${own}', but you are attempting to send email to the following domain(s): ` +
      `${[...others].map((domain) => `'${domain}'`).join(", ")}.`
  )
}

const inactiveRefusal = (inactive: ReadonlyArray<string>): Refusal =>
  refusal(
    406,
    `You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: ${
      inactive.join(", ")
    }. ` +
      "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
  )
