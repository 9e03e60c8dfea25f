import * as DataRemovals from "@effect-postmark/core/DataRemovals"
import * as Domains from "@effect-postmark/core/Domains"
import * as SenderSignatures from "@effect-postmark/core/SenderSignatures"
import * as Servers from "@effect-postmark/core/Servers"
import * as Templates from "@effect-postmark/core/Templates"
import { accountRow, type Row } from "../row.ts"
import { server } from "./settings.ts"

const accountServer = { ...server, ApiTokens: ["token-a", "token-b"] }

const domainSummary = {
  ID: 36735,
  Name: "example.com",
  SPFVerified: true,
  DKIMVerified: false,
  WeakDKIM: false,
  ReturnPathDomainVerified: false
}
const dns = {
  SPFHost: "example.com",
  SPFTextValue: "v=spf1 a mx include:spf.mtasv.net ~all",
  DKIMHost: "",
  DKIMTextValue: "",
  DKIMPendingHost: "20260930.pm._domainkey.example.com",
  DKIMPendingTextValue: "k=rsa;p=MIG",
  DKIMRevokedHost: "",
  DKIMRevokedTextValue: "",
  SafeToRemoveRevokedKeyFromDNS: false,
  DKIMUpdateStatus: "Pending",
  ReturnPathDomain: "pm-bounces.example.com",
  ReturnPathDomainCNAMEValue: "pm.mtasv.net"
}
const domain = { ...domainSummary, ...dns }

const signatureSummary = {
  ID: 36736,
  Domain: "example.com",
  EmailAddress: "a@example.com",
  ReplyToEmailAddress: "",
  Name: "Ann",
  Confirmed: false
}
const { ID: _id, Name: _name, ...dnsState } = domain
const signature = { ...signatureSummary, ...dnsState, ConfirmationPersonalNote: "Please confirm." }

/** From docs/postmark.md#servers, #templates and #domains-and-senders, as far as they take an account token. */
export const account: ReadonlyArray<Row> = [
  accountRow(Servers.listServers, {
    call: ({ servers }) => servers.list({ count: 10, name: "Sho" }),
    request: "GET /servers?count=10&offset=0&name=Sho",
    answer: { TotalCount: 1, Servers: [accountServer] }
  }),
  accountRow(Servers.getAccountServer, {
    call: ({ servers }) => servers.get(812345),
    request: "GET /servers/812345",
    answer: accountServer
  }),
  accountRow(Servers.createServer, {
    call: ({ servers }) => servers.create({ name: "Shop", color: "purple", deliveryType: "Sandbox" }),
    request: "POST /servers",
    body: { Name: "Shop", Color: "purple", DeliveryType: "Sandbox" },
    answer: accountServer
  }),
  accountRow(Servers.editAccountServer, {
    call: ({ servers }) => servers.edit(812345, { enableSmtpApiErrorHooks: true }),
    request: "PUT /servers/812345",
    body: { EnableSmtpApiErrorHooks: true },
    answer: accountServer
  }),
  accountRow(Servers.deleteServer, {
    call: ({ servers }) => servers.delete(812345),
    request: "DELETE /servers/812345",
    answer: { ErrorCode: 0, Message: "Server Shop removed." },
    gives: undefined
  }),
  accountRow(Domains.listDomains, {
    call: ({ domains }) => domains.list(),
    request: "GET /domains?count=50&offset=0",
    answer: { TotalCount: 1, Domains: [domainSummary] }
  }),
  accountRow(Domains.getDomain, {
    call: ({ domains }) => domains.get(36735),
    request: "GET /domains/36735",
    answer: domain
  }),
  accountRow(Domains.createDomain, {
    call: ({ domains }) => domains.create({ name: "example.com", returnPathDomain: "pm-bounces.example.com" }),
    request: "POST /domains/",
    body: { Name: "example.com", ReturnPathDomain: "pm-bounces.example.com" },
    answer: domain
  }),
  accountRow(Domains.editDomain, {
    call: ({ domains }) => domains.edit(36735, { returnPathDomain: "" }),
    request: "PUT /domains/36735",
    body: { ReturnPathDomain: "" },
    answer: domain
  }),
  accountRow(Domains.deleteDomain, {
    call: ({ domains }) => domains.delete(36735),
    request: "DELETE /domains/36735",
    answer: { ErrorCode: 0, Message: "Domain example.com removed." },
    gives: undefined
  }),
  accountRow(Domains.verifyDomainDkim, {
    call: ({ domains }) => domains.verifyDkim(36735),
    request: "PUT /domains/36735/verifyDKIM",
    answer: domain
  }),
  accountRow(Domains.verifyDomainReturnPath, {
    call: ({ domains }) => domains.verifyReturnPath(36735),
    request: "PUT /domains/36735/verifyReturnPath",
    answer: domain
  }),
  accountRow(Domains.verifyDomainSpf, {
    call: ({ domains }) => domains.verifySpf(36735),
    request: "POST /domains/36735/verifySPF",
    answer: { SPFHost: "example.com", SPFVerified: true, SPFTextValue: "v=spf1" },
    gives: { spfHost: "example.com", spfVerified: true, spfTextValue: "v=spf1" }
  }),
  accountRow(Domains.rotateDomainDkim, {
    call: ({ domains }) => domains.rotateDkim(36735),
    request: "POST /domains/36735/rotateDKIM",
    answer: domain
  }),
  accountRow(SenderSignatures.listSenderSignatures, {
    call: ({ senderSignatures }) => senderSignatures.list({ offset: 5 }),
    request: "GET /senders?count=50&offset=5",
    answer: { TotalCount: 1, SenderSignatures: [signatureSummary] }
  }),
  accountRow(SenderSignatures.getSenderSignature, {
    call: ({ senderSignatures }) => senderSignatures.get(36736),
    request: "GET /senders/36736",
    answer: signature
  }),
  accountRow(SenderSignatures.createSenderSignature, {
    call: ({ senderSignatures }) =>
      senderSignatures.create({ fromEmail: "a@example.com", name: "Ann", confirmationPersonalNote: "Please confirm." }),
    request: "POST /senders/",
    body: { FromEmail: "a@example.com", Name: "Ann", ConfirmationPersonalNote: "Please confirm." },
    answer: signature
  }),
  accountRow(SenderSignatures.editSenderSignature, {
    call: ({ senderSignatures }) => senderSignatures.edit(36736, { name: "Ann B", replyToEmail: "b@example.com" }),
    request: "PUT /senders/36736",
    body: { Name: "Ann B", ReplyToEmail: "b@example.com" },
    answer: signature
  }),
  accountRow(SenderSignatures.deleteSenderSignature, {
    call: ({ senderSignatures }) => senderSignatures.delete(36736),
    request: "DELETE /senders/36736",
    answer: { ErrorCode: 0, Message: "Signature a@example.com removed." },
    gives: undefined
  }),
  accountRow(SenderSignatures.resendSenderSignature, {
    call: ({ senderSignatures }) => senderSignatures.resend(36736),
    request: "POST /senders/36736/resend",
    answer: { ErrorCode: 0, Message: "Confirmation email for Sender Signature a@example.com was re-sent." },
    gives: undefined
  }),
  accountRow(SenderSignatures.verifySenderSignatureSpf, {
    call: ({ senderSignatures }) => senderSignatures.verifySpf(36736),
    request: "POST /senders/36736/verifySpf",
    answer: signature
  }),
  accountRow(SenderSignatures.requestNewSenderSignatureDkim, {
    call: ({ senderSignatures }) => senderSignatures.requestNewDkim(36736),
    request: "POST /senders/36736/requestNewDkim",
    answer: signature
  }),
  accountRow(Templates.pushTemplates, {
    call: ({ templates }) => templates.push({ sourceServerId: 1, destinationServerId: 2, performChanges: false }),
    request: "PUT /templates/push",
    body: { SourceServerID: 1, DestinationServerID: 2, PerformChanges: false },
    answer: {
      TotalCount: 1,
      Templates: [{ Action: "Create", TemplateId: 5, Alias: "welcome", Name: "Welcome", TemplateType: "Standard" }]
    }
  }),
  accountRow(DataRemovals.createDataRemoval, {
    call: ({ dataRemovals }) =>
      dataRemovals.create({ requestedBy: "a@example.com", requestedFor: "b@example.com", notifyWhenCompleted: true }),
    request: "POST /data-removals",
    body: { RequestedBy: "a@example.com", RequestedFor: "b@example.com", NotifyWhenCompleted: true },
    answer: { ID: 1, Status: "Pending" },
    gives: { id: 1, status: "Pending" }
  }),
  accountRow(DataRemovals.getDataRemoval, {
    call: ({ dataRemovals }) => dataRemovals.status(1),
    request: "GET /data-removals/1",
    answer: { ID: 1, Status: "Done" }
  })
]
