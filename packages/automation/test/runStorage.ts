/** What the processes of a run share: the storage, the vault, and the way to the double. */
import { BulkRuns } from "@effect-postmark/automation"
import { Connections, Digest } from "@effect-postmark/core"
import { NodeHttpClient } from "@effect/platform-node"
import { Layer } from "effect"
import { storage, vault } from "./relayStorage.ts"

export const runServices = (place: string, port: number) =>
  BulkRuns.layer.pipe(
    Layer.provideMerge(Connections.layer({ apiUrl: `http://127.0.0.1:${port}`, timeout: "5 seconds" })),
    Layer.provideMerge(Layer.mergeAll(storage(place), vault, Digest.layer)),
    Layer.provide(NodeHttpClient.layerUndici)
  )
