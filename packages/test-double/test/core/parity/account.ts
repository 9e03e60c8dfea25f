import { assert } from "@effect/vitest"
import { Effect, Redacted, TestClock } from "effect"
import { hook, type Scenarios, type World } from "./harness.ts"

const ann = { fromEmail: "ann@example.org", name: "Ann", replyToEmail: "reply@example.org" }

const removal = { requestedBy: "admin@example.org", requestedFor: "ann@example.com", notifyWhenCompleted: true }

const domainOf = ({ account }: World) => account.domains.create({ name: "example.org" })

const signatureOf = ({ account }: World) => account.senderSignatures.create(ann)

const servers: Scenarios = {
  "servers.list": ({ account, double }) =>
    Effect.gen(function*() {
      yield* double.addServer({ token: "other", name: "Other" })
      assert.strictEqual((yield* account.servers.list()).totalCount, 2)
      const found = yield* account.servers.list({ name: "oth", count: 5 })
      assert.deepStrictEqual(
        found.servers.map(({ apiTokens, name }) => [name, apiTokens.map((token) => Redacted.value(token))]),
        [["Other", ["other"]]]
      )
    }),

  "servers.get": ({ account, double }) =>
    Effect.gen(function*() {
      const { id } = yield* double.addServer({ token: "other", name: "Other", color: "green" })
      const got = yield* account.servers.get(id)
      assert.deepStrictEqual([got.id, got.name, got.color, got.deliveryType], [id, "Other", "green", "Live"])
    }),

  "servers.create": ({ account, double }) =>
    Effect.gen(function*() {
      const made = yield* account.servers.create({
        name: "Made",
        color: "blue",
        deliveryType: "Sandbox",
        inboundHookUrl: hook
      })
      assert.deepStrictEqual([made.name, made.color, made.deliveryType], ["Made", "blue", "Sandbox"])
      const [token] = made.apiTokens
      assert.deepInclude(yield* double.servers, {
        id: made.id,
        name: "Made",
        token: token ? Redacted.value(token) : ""
      })
    }),

  "servers.edit": ({ account, double }) =>
    Effect.gen(function*() {
      const { id } = yield* double.addServer({ token: "other", name: "Other" })
      const edited = yield* account.servers.edit(id, { name: "Renamed", trackOpens: true })
      assert.deepStrictEqual([edited.id, edited.name, edited.trackOpens], [id, "Renamed", true])
    }),

  "servers.delete": ({ account, double }) =>
    Effect.gen(function*() {
      const { id } = yield* double.addServer({ token: "other", name: "Other" })
      yield* account.servers.delete(id)
      assert.lengthOf(yield* double.servers, 1)
    })
}

const domains: Scenarios = {
  "domains.create": (world) =>
    Effect.gen(function*() {
      const made = yield* domainOf(world)
      assert.deepStrictEqual([made.name, made.dkimVerified, made.dkimHost], ["example.org", false, ""])
      assert.match(made.dkimPendingHost ?? "", /\._domainkey\.example\.org$/)
      assert.strictEqual(made.returnPathDomainCnameValue, "pm.mtasv.net")
    }),

  "domains.list": (world) =>
    Effect.gen(function*() {
      const { id } = yield* domainOf(world)
      const { domains, totalCount } = yield* world.account.domains.list()
      assert.strictEqual(totalCount, 1)
      assert.deepStrictEqual(domains.map((domain) => [domain.id, domain.name, domain.weakDkim]), [
        [id, "example.org", false]
      ])
    }),

  "domains.get": (world) =>
    Effect.gen(function*() {
      const { raw: _, ...made } = yield* domainOf(world)
      const { raw: __, ...got } = yield* world.account.domains.get(made.id)
      assert.deepStrictEqual(got, made)
    }),

  "domains.edit": (world) =>
    Effect.gen(function*() {
      const { id } = yield* domainOf(world)
      const edited = yield* world.account.domains.edit(id, { returnPathDomain: "pm.example.org" })
      assert.deepStrictEqual([edited.id, edited.returnPathDomain], [id, "pm.example.org"])
    }),

  "domains.delete": (world) =>
    Effect.gen(function*() {
      const { id } = yield* domainOf(world)
      yield* world.account.domains.delete(id)
      assert.strictEqual((yield* world.account.domains.list()).totalCount, 0)
    }),

  "domains.verifyDkim": (world) =>
    Effect.gen(function*() {
      const made = yield* domainOf(world)
      const verified = yield* world.account.domains.verifyDkim(made.id)
      assert.deepStrictEqual(
        [verified.dkimVerified, verified.dkimHost, verified.dkimUpdateStatus],
        [true, made.dkimPendingHost, "Verified"]
      )
    }),

  "domains.verifyReturnPath": (world) =>
    Effect.gen(function*() {
      const { id } = yield* domainOf(world)
      assert.isFalse((yield* world.account.domains.verifyReturnPath(id)).returnPathDomainVerified)
      yield* world.account.domains.edit(id, { returnPathDomain: "pm.example.org" })
      assert.isTrue((yield* world.account.domains.verifyReturnPath(id)).returnPathDomainVerified)
    }),

  "domains.verifySpf": (world) =>
    Effect.gen(function*() {
      const { id } = yield* domainOf(world)
      const state = yield* world.account.domains.verifySpf(id)
      assert.deepStrictEqual([state.spfVerified, state.spfHost], [true, "example.org"])
      assert.match(state.spfTextValue ?? "", /^v=spf1 /)
    }),

  "domains.rotateDkim": (world) =>
    Effect.gen(function*() {
      const { id } = yield* domainOf(world)
      const { dkimHost } = yield* world.account.domains.verifyDkim(id)
      const rotated = yield* world.account.domains.rotateDkim(id)
      assert.deepStrictEqual([rotated.dkimHost, rotated.dkimUpdateStatus], [dkimHost, "Pending"])
      assert.notStrictEqual(rotated.dkimPendingHost, dkimHost)
    })
}

const senderSignatures: Scenarios = {
  "senderSignatures.create": (world) =>
    Effect.gen(function*() {
      const made = yield* signatureOf(world)
      assert.deepStrictEqual(
        [made.emailAddress, made.name, made.replyToEmailAddress, made.domain, made.confirmed],
        ["ann@example.org", "Ann", "reply@example.org", "example.org", false]
      )
    }),

  "senderSignatures.list": (world) =>
    Effect.gen(function*() {
      const { id } = yield* signatureOf(world)
      const { senderSignatures, totalCount } = yield* world.account.senderSignatures.list({ count: 10 })
      assert.strictEqual(totalCount, 1)
      assert.deepStrictEqual(senderSignatures.map((signature) => [signature.id, signature.emailAddress]), [
        [id, "ann@example.org"]
      ])
    }),

  "senderSignatures.get": (world) =>
    Effect.gen(function*() {
      const { id } = yield* signatureOf(world)
      yield* world.double.confirmSender("ann@example.org")
      const got = yield* world.account.senderSignatures.get(id)
      assert.deepStrictEqual([got.id, got.confirmed, got.spfHost], [id, true, "example.org"])
    }),

  "senderSignatures.edit": (world) =>
    Effect.gen(function*() {
      const { id } = yield* signatureOf(world)
      const edited = yield* world.account.senderSignatures.edit(id, { name: "Bea", confirmationPersonalNote: "hello" })
      assert.deepStrictEqual([edited.id, edited.name, edited.confirmationPersonalNote], [id, "Bea", "hello"])
    }),

  "senderSignatures.delete": (world) =>
    Effect.gen(function*() {
      const { id } = yield* signatureOf(world)
      yield* world.account.senderSignatures.delete(id)
      assert.strictEqual((yield* world.account.senderSignatures.list()).totalCount, 0)
    }),

  "senderSignatures.resend": (world) =>
    Effect.gen(function*() {
      const { id } = yield* signatureOf(world)
      yield* world.account.senderSignatures.resend(id)
      assert.isFalse((yield* world.account.senderSignatures.get(id)).confirmed)
    }),

  "senderSignatures.verifySpf": (world) =>
    Effect.gen(function*() {
      const { id } = yield* signatureOf(world)
      assert.isTrue((yield* world.account.senderSignatures.verifySpf(id)).spfVerified)
    }),

  "senderSignatures.requestNewDkim": (world) =>
    Effect.gen(function*() {
      const domain = yield* domainOf(world)
      const { id } = yield* signatureOf(world)
      const { dkimHost } = yield* world.account.domains.verifyDkim(domain.id)
      const renewed = yield* world.account.senderSignatures.requestNewDkim(id)
      assert.deepStrictEqual([renewed.dkimHost, renewed.dkimUpdateStatus], [dkimHost, "Pending"])
    })
}

const dataRemovals: Scenarios = {
  "dataRemovals.create": ({ account }) =>
    Effect.gen(function*() {
      const { id, status } = yield* account.dataRemovals.create(removal)
      assert.isAbove(id, 0)
      assert.strictEqual(status, "Pending")
    }),

  "dataRemovals.status": ({ account }) =>
    Effect.gen(function*() {
      const { id } = yield* account.dataRemovals.create(removal)
      assert.strictEqual((yield* account.dataRemovals.status(id)).status, "Pending")
      yield* TestClock.adjust("1 hour")
      const done = yield* account.dataRemovals.status(id)
      assert.deepStrictEqual([done.id, done.status], [id, "Done"])
    })
}

export const account: Scenarios = { ...servers, ...domains, ...senderSignatures, ...dataRemovals }
