import * as PostmarkDouble from "@effect-postmark/test-double/PostmarkDouble"
import assert from "node:assert/strict"
import { AccountClient, Errors, Models } from "postmark"
import { type Case, mail, plain, rejectsWith } from "./harness.ts"

export const account: ReadonlyArray<Case> = [
  {
    resource: "Servers",
    endpoints: ["GET /servers", "POST /servers", "GET /servers/{id}", "PUT /servers/{id}", "DELETE /servers/{id}"],
    run: async ({ account, client }) => {
      const made = await account.createServer({ Name: "Made", DeliveryType: Models.ServerDeliveryTypes.Sandbox })
      const [token = ""] = made.ApiTokens
      const { MessageID } = await client(token).sendEmail(mail)
      assert.equal((await client(token).getOutboundMessageDetails(MessageID)).Sandboxed, true)
      assert.deepEqual(plain(await account.getServer(made.ID)), plain(made))
      assert.equal((await account.getServers({ name: "ade" })).Servers.some(({ ID }) => ID === made.ID), true)
      assert.equal((await account.editServer(made.ID, { Name: "Remade" })).Name, "Remade")
      await rejectsWith(account.createServer({ Name: "remade" }), Errors.ApiInputError, 603)
      await rejectsWith(account.createServer({}), Errors.ApiInputError, 608)
      await rejectsWith(account.getServers({ count: 501 }), Errors.ApiInputError, 600)
      assert.equal((await account.deleteServer(made.ID)).Message, "Server Remade removed.")
      await rejectsWith(client(token).getServer(), Errors.InvalidAPIKeyError, 10, 401)
      await rejectsWith(account.getServer(made.ID), Errors.ApiInputError, 601)
    }
  },
  {
    resource: "Domains",
    endpoints: [
      "GET /domains",
      "POST /domains",
      "GET /domains/{id}",
      "PUT /domains/{id}",
      "DELETE /domains/{id}",
      "PUT /domains/{id}/verifyDkim",
      "PUT /domains/{id}/verifyReturnPath",
      "POST /domains/{id}/verifySpf",
      "POST /domains/{id}/rotateDkim"
    ],
    run: async ({ account }) => {
      const made = await account.createDomain(new Models.CreateDomainRequest("example.org"))
      assert.deepEqual([made.DKIMVerified, made.DKIMHost, made.DKIMUpdateStatus], [false, "", "Pending"])
      assert.equal((await account.getDomains()).TotalCount, 1)
      const verified = await account.verifyDomainDKIM(made.ID)
      assert.deepEqual(
        [verified.DKIMVerified, verified.DKIMHost, verified.DKIMPendingHost, verified.DKIMUpdateStatus],
        [true, made.DKIMPendingHost, "", "Verified"]
      )
      assert.equal((await account.verifyDomainReturnPath(made.ID)).ReturnPathDomainVerified, false)
      const edited = await account.editDomain(made.ID, { ReturnPathDomain: "pm.example.org" })
      assert.deepEqual([edited.ReturnPathDomain, edited.ReturnPathDomainCNAMEValue], ["pm.example.org", "pm.mtasv.net"])
      assert.equal((await account.verifyDomainReturnPath(made.ID)).ReturnPathDomainVerified, true)
      assert.equal((await account.verifyDomainSPF(made.ID)).SPFVerified, true)
      const rotating = await account.rotateDomainDKIM(made.ID)
      assert.deepEqual([rotating.DKIMVerified, rotating.DKIMHost], [true, verified.DKIMHost])
      await rejectsWith(account.rotateDomainDKIM(made.ID), Errors.ApiInputError, 505)
      assert.equal((await account.verifyDomainDKIM(made.ID)).DKIMRevokedHost, verified.DKIMHost)
      assert.equal((await account.getDomain(made.ID)).Name, "example.org")
      await rejectsWith(account.createDomain({ Name: "EXAMPLE.org" }), Errors.ApiInputError, 512)
      await rejectsWith(account.createDomain({ Name: "gmail.com" }), Errors.ApiInputError, 503)
      await rejectsWith(account.createDomain({ Name: "not a domain" }), Errors.ApiInputError, 516)
      await rejectsWith(account.createDomain({ Name: "" }), Errors.ApiInputError, 514)
      await rejectsWith(account.editDomain(made.ID, { ReturnPathDomain: "pm.other.org" }), Errors.ApiInputError, 522)
      assert.equal((await account.deleteDomain(made.ID)).Message, "Domain example.org removed.")
      await rejectsWith(account.getDomain(made.ID), Errors.ApiInputError, 510)
    }
  },
  {
    resource: "Sender signatures",
    endpoints: [
      "GET /senders",
      "POST /senders",
      "GET /senders/{id}",
      "PUT /senders/{id}",
      "DELETE /senders/{id}",
      "POST /senders/{id}/resend",
      "POST /senders/{id}/verifySpf",
      "POST /senders/{id}/requestNewDkim"
    ],
    run: async ({ account, double, run }) => {
      const domain = await account.createDomain({ Name: "signed.example" })
      const made = await account.createSenderSignature(
        new Models.CreateSignatureRequest("Ann", "ann@signed.example", "reply@signed.example")
      )
      assert.deepEqual(
        [made.Confirmed, made.Domain, made.EmailAddress, made.ReplyToEmailAddress, made.ConfirmationPersonalNote],
        [false, "signed.example", "ann@signed.example", "reply@signed.example", ""]
      )
      assert.deepEqual(plain(await account.getSenderSignatures()), {
        TotalCount: 1,
        SenderSignatures: [{
          ID: made.ID,
          Domain: "signed.example",
          EmailAddress: "ann@signed.example",
          ReplyToEmailAddress: "reply@signed.example",
          Name: "Ann",
          Confirmed: false
        }]
      })
      assert.equal(
        (await account.resendSenderSignatureConfirmation(made.ID)).Message,
        "Confirmation email for Sender Signature ann@signed.example was re-sent."
      )
      await run(double.confirmSender("ann@signed.example"))
      await rejectsWith(account.resendSenderSignatureConfirmation(made.ID), Errors.ApiInputError, 506)
      assert.equal((await account.editSenderSignature(made.ID, { Name: "Bea" })).Name, "Bea")
      assert.equal((await account.verifySenderSignatureSPF(made.ID)).SPFVerified, true)
      await rejectsWith(account.requestNewDKIMForSenderSignature(made.ID), Errors.ApiInputError, 505)
      await account.verifyDomainDKIM(domain.ID)
      assert.equal((await account.requestNewDKIMForSenderSignature(made.ID)).DKIMUpdateStatus, "Pending")
      assert.equal((await account.getSenderSignature(made.ID)).Confirmed, true)
      const create = (FromEmail: string) => account.createSenderSignature({ Name: "x", FromEmail })
      await rejectsWith(create("ANN@signed.example"), Errors.ApiInputError, 504)
      await rejectsWith(create(""), Errors.ApiInputError, 520)
      await rejectsWith(create("nobody"), Errors.ApiInputError, 522)
      await rejectsWith(create("ann@gmail.com"), Errors.ApiInputError, 503)
      assert.equal(
        (await account.deleteSenderSignature(made.ID)).Message,
        "Signature ann@signed.example removed."
      )
      await rejectsWith(account.getSenderSignature(made.ID), Errors.ApiInputError, 501)
    }
  },
  {
    resource: "Data removals",
    endpoints: ["POST /data-removals", "GET /data-removals/{id}"],
    run: async ({ account }) => {
      const request = new Models.DataRemovalRequest("admin@example.org", "ann@example.com", true)
      const made = await account.requestDataRemoval(request)
      assert.equal(made.Status, "Pending")
      assert.deepEqual(plain(await account.getDataRemovalStatus(made.ID)), plain(made))
      await rejectsWith(account.requestDataRemoval({ ...request, RequestedFor: "" }), Errors.ApiInputError, 1300)
      await rejectsWith(account.getDataRemovalStatus(1), Errors.ApiInputError, 1301)
    }
  },
  {
    resource: "Errors and options",
    endpoints: [],
    run: async ({ account, client, double, newServer, run, url }) => {
      const { client: own, token } = await newServer("errors")
      own.setClientOptions({ timeout: 5 })
      assert.equal(own.getClientOptions().timeout, 5)
      account.setClientOptions({ timeout: 5 })
      assert.equal(account.getClientOptions().timeout, 5)
      await rejectsWith(client("nobody").getServer(), Errors.InvalidAPIKeyError, 10, 401)
      // A token of the wrong kind opens nothing.
      await rejectsWith(client(PostmarkDouble.demoAccountToken).getServer(), Errors.InvalidAPIKeyError, 10, 401)
      const options = { requestHost: new URL(url).host, useHttps: false }
      await rejectsWith(new AccountClient(token, options).getServers(), Errors.InvalidAPIKeyError, 10, 401)
      const { client: server } = await newServer("more errors")
      await rejectsWith(server.sendEmail({ ...mail, To: "" }), Errors.InvalidEmailRequestError, 300)
      for (
        const [status, type, code] of [
          [429, Errors.RateLimitExceededError, 429],
          [500, Errors.InternalServerError, 101],
          [503, Errors.ServiceUnavailablerError, 100],
          [413, Errors.UnknownError, 0]
        ] as const
      ) {
        await run(double.injectFault({
          path: "/server",
          first: 1,
          fault: status === 429 ? { kind: "rateLimit" } : { kind: "status", status }
        }))
        await rejectsWith(server.getServer(), type, code, status)
      }
      await run(double.clearFaults)
    }
  }
]
