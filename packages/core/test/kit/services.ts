import * as Connections from "@effect-postmark/core/Connections"
import * as ConnectionStore from "@effect-postmark/core/ConnectionStore"
import * as Digest from "@effect-postmark/core/Digest"
import * as EventLog from "@effect-postmark/core/EventLog"
import * as Subscriptions from "@effect-postmark/core/Subscriptions"
import * as SubscriptionStore from "@effect-postmark/core/SubscriptionStore"
import * as TriggerRegistry from "@effect-postmark/core/TriggerRegistry"
import * as Vault from "@effect-postmark/core/Vault"
import * as WebhookReceiver from "@effect-postmark/core/WebhookReceiver"
import type { HttpClient } from "@effect/platform"
import { Layer } from "effect"

/** Everything in memory, over the given Postmark. */
export const services = (postmark: Layer.Layer<HttpClient.HttpClient>) =>
  WebhookReceiver.layer.pipe(
    Layer.provideMerge(Subscriptions.layer),
    Layer.provideMerge(Connections.layer()),
    Layer.provideMerge(
      Layer.mergeAll(
        ConnectionStore.layerMemory,
        SubscriptionStore.layerMemory,
        EventLog.layerMemory,
        TriggerRegistry.layer(),
        Vault.layerEphemeral,
        Digest.layer,
        postmark
      )
    )
  )
