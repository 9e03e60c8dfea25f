import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { email, type Scenarios, today, type World } from "./harness.ts"

/** A hard bounce of Ann's, and a soft one of Bob's. */
const bounced = ({ double, server }: World) =>
  Effect.gen(function*() {
    const { messageId } = yield* server.sendEmail({ ...email, to: ["ann@example.com", "bob@example.com"], tag: "r" })
    yield* double.bounce(messageId, "ann@example.com", { details: "550 unknown" })
    yield* double.bounce(messageId, "bob@example.com", { type: "SoftBounce" })
    return messageId
  })

const hardBounce = (world: World) =>
  Effect.gen(function*() {
    const messageId = yield* bounced(world)
    const { bounces: [bounce] } = yield* world.server.bounces.list({ type: "HardBounce" })
    return bounce === undefined ? assert.fail("no bounce") : { messageId, bounce }
  })

export const bounces: Scenarios = {
  "bounces.deliveryStats": (world) =>
    Effect.gen(function*() {
      yield* bounced(world)
      const { bounces, inactiveMails } = yield* world.server.bounces.deliveryStats
      assert.strictEqual(inactiveMails, 1)
      assert.deepStrictEqual(bounces.map(({ count, name, type }) => [type, name, count]), [
        [undefined, "All", 2],
        ["HardBounce", "Hard bounce", 1],
        ["SoftBounce", "Soft bounce", 1]
      ])
    }),

  "bounces.list": (world) =>
    Effect.gen(function*() {
      const messageId = yield* bounced(world)
      const all = yield* world.server.bounces.list({ messageId, fromDate: today, tag: "r", messageStream: "outbound" })
      assert.strictEqual(all.totalCount, 2)
      assert.deepStrictEqual(
        all.bounces.map(({ email, inactive, type }) => [email, type, inactive]),
        [["bob@example.com", "SoftBounce", false], ["ann@example.com", "HardBounce", true]]
      )
      const inactive = yield* world.server.bounces.list({ inactive: true, emailFilter: "ann@" })
      assert.deepStrictEqual(inactive.bounces.map(({ details }) => details), ["550 unknown"])
    }),

  "bounces.get": (world) =>
    Effect.gen(function*() {
      const { bounce, messageId } = yield* hardBounce(world)
      const { raw: _, ...got } = yield* world.server.bounces.get(bounce.id)
      assert.deepStrictEqual(
        [got.id, got.typeCode, got.messageId, got.email, got.subject, got.canActivate, got.dumpAvailable],
        [bounce.id, 1, messageId, "ann@example.com", "Receipt", true, true]
      )
      assert.include(got.content, messageId)
    }),

  "bounces.dump": (world) =>
    Effect.gen(function*() {
      const { bounce, messageId } = yield* hardBounce(world)
      assert.include(yield* world.server.bounces.dump(bounce.id), messageId)
    }),

  "bounces.activate": (world) =>
    Effect.gen(function*() {
      const { bounce } = yield* hardBounce(world)
      const activation = yield* world.server.bounces.activate(bounce.id)
      assert.deepStrictEqual(
        [activation.message, activation.bounce.id, activation.bounce.inactive],
        ["OK", bounce.id, false]
      )
      yield* world.server.sendEmail(email)
    }),

  "suppressions.dump": ({ double, server }) =>
    Effect.gen(function*() {
      yield* double.suppress("ann@example.com")
      yield* double.suppress("bob@example.com", { reason: "SpamComplaint" })
      assert.lengthOf(yield* server.suppressions.dump("outbound"), 2)
      const complaints = yield* server.suppressions.dump("outbound", {
        suppressionReason: "SpamComplaint",
        origin: "Recipient",
        fromDate: today,
        toDate: today
      })
      assert.deepStrictEqual(
        complaints.map(({ emailAddress, origin, suppressionReason }) => [emailAddress, suppressionReason, origin]),
        [["bob@example.com", "SpamComplaint", "Recipient"]]
      )
      assert.lengthOf(yield* server.suppressions.dump("outbound", { emailAddress: "ann@example.com" }), 1)
    }),

  "suppressions.create": ({ server }) =>
    Effect.gen(function*() {
      const statuses = yield* server.suppressions.create("outbound", ["ann@example.com", "nobody"])
      assert.deepStrictEqual(statuses.map(({ emailAddress, message, status }) => [emailAddress, status, message]), [
        ["ann@example.com", "Suppressed", null],
        ["nobody", "Failed", "An invalid email address was provided."]
      ])
      assert.deepStrictEqual(
        (yield* server.suppressions.dump("outbound")).map(({ emailAddress }) => emailAddress),
        ["ann@example.com"]
      )
    }),

  "suppressions.delete": ({ double, server }) =>
    Effect.gen(function*() {
      yield* double.suppress("ann@example.com")
      yield* double.suppress("bob@example.com", { reason: "SpamComplaint" })
      const statuses = yield* server.suppressions.delete("outbound", ["ann@example.com", "bob@example.com"])
      assert.deepStrictEqual(statuses.map(({ status }) => status), ["Deleted", "Failed"])
      yield* server.sendEmail(email)
    })
}
