/** What a double begins with, from its options. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type { Options } from "../../PostmarkDouble.ts"
import { makeTokenGuard } from "../control/tokenGuard.ts"
import type { Setup } from "./engine.ts"

export const demoServerToken = "double-demo-server-token"
export const demoAccountToken = "double-demo-account-token"

export const setupOf = (options: Options): Setup => ({
  seed: options.seed ?? "effect-postmark",
  accountToken: options.accountToken ?? demoAccountToken,
  firstBounceId: options.firstBounceId,
  senderVerification: options.senderVerification ?? false,
  guard: makeTokenGuard(options.allowRealLookingTokens ?? false),
  servers: options.servers ?? [{ token: demoServerToken, name: "Demo" }],
  scripts: options.scripts ?? [],
  faults: options.faults ?? [],
  startTime: options.startTime === undefined ? undefined : DateTime.unsafeMake(options.startTime).epochMillis,
  paused: options.paused ?? false,
  behaviour: {
    autoDeliver: options.autoDeliver ?? true,
    deliveryDelay: Duration.toMillis(options.deliveryDelay ?? "50 millis"),
    indexLag: Duration.toMillis(options.indexLag ?? 0),
    retention: Duration.toMillis(options.retention ?? "45 days"),
    archiveDelay: Duration.toMillis(options.archiveDelay ?? 0),
    ladder: options.retryLadder ?? "2026-9",
    hosts: options.webhookHosts ?? [],
    probing: options.webhookProbes ?? false,
    pauseTriggerAfter: options.pauseTriggerAfter ?? 10,
    templateAliases: options.templateAliases ?? "layouts",
    inboundWebhookCode: options.inboundWebhookCode ?? 1351
  }
})
