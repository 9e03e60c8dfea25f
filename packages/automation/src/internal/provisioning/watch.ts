/** Looks at all connections' webhooks now and then, and tells what is wrong. */
import { type Connection, Connections } from "@effect-postmark/core/Connections"
import { SubscriptionStore } from "@effect-postmark/core/SubscriptionStore"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type * as Provisioning from "../../Provisioning.ts"
import * as ProvisioningMetrics from "../../ProvisioningMetrics.ts"
import { failureName } from "../failureName.ts"
import { supervise } from "../supervise.ts"

export const run = (provisioning: Provisioning.Service, interval: Duration.Duration) =>
  Effect.gen(function*() {
    const connections = yield* Connections
    const store = yield* SubscriptionStore
    const provisioned = new Set<string>()

    const tell = (connection: Connection, check: Provisioning.StreamCheck) => {
      if (check.webhookId !== null) provisioned.add(connection.id)
      // Without a webhook that was ever seen, somebody else's program may post to us.
      const isWrong = check.state === "missing" ? provisioned.has(connection.id) : check.state !== "ok"
      return !isWrong ? Effect.void : Effect.zipRight(
        Metric.increment(Metric.tagged(ProvisioningMetrics.problems, "state", check.state)),
        Effect.annotateLogs(Effect.logWarning("a webhook in Postmark is not as it should be; provision it again"), {
          connectionId: connection.id,
          messageStream: check.messageStream,
          state: check.state,
          differences: check.differences.join(", ")
        })
      )
    }

    const visit = (connection: Connection) =>
      Effect.gen(function*() {
        const checks = yield* provisioning.check(connection.id)
        yield* Effect.forEach(checks, (check) => tell(connection, check), { discard: true })
        const secrets = yield* store.getSecrets(connection.id)
        if (Option.exists(secrets, ({ previous }) => previous !== null) && provisioned.has(connection.id)) {
          yield* Effect.catchTag(provisioning.finishRotation(connection.id), "RotationUnfinished", () => Effect.void)
        }
      }).pipe(
        Effect.catchTag("NotSubscribed", () => Effect.void),
        Effect.catchAllCause((cause) =>
          Effect.annotateLogs(Effect.logError("the webhooks of a connection could not be checked"), {
            connectionId: connection.id,
            failure: failureName(cause)
          })
        )
      )

    const round = Effect.flatMap(connections.list, (all) =>
      Effect.forEach(all.filter(({ state }) => state === "active"), visit, { concurrency: 4, discard: true }))

    yield* Effect.forkScoped(
      supervise("Provisioning", Effect.forever(Effect.zipRight(round, Effect.sleep(interval))))
    )
  }).pipe(Effect.annotateLogs({ package: "@effect-postmark/automation", module: "Provisioning" }))
