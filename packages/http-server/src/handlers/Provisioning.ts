/**
 * Handles the webhooks of a connection in Postmark.
 *
 * @since 0.1.0
 */
import { Provisioning } from "@effect-postmark/automation/Provisioning"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Api } from "../Api.ts"
import * as ProvisioningApi from "../api/ProvisioningApi.ts"
import { mayTouch } from "../internal/access.ts"
import { PublicUrlMissing } from "../internal/failures.ts"
import * as Responses from "../internal/responses.ts"

/**
 * Without `Provisioning`, which needs a public URL, each route is a problem that says so.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = HttpApiBuilder.group(Api, "provisioning", (handlers) =>
  Effect.gen(function*() {
    const found = yield* Effect.serviceOption(Provisioning)
    const provisioningOf = (connectionId: string) =>
      Effect.zipRight(mayTouch(connectionId), Effect.mapError(found, () => new PublicUrlMissing()))

    return handlers
      .handleRaw("provision", ({ path, request }) =>
        Effect.gen(function*() {
          const provisioning = yield* provisioningOf(path.id)
          const asked = yield* provision(request)
          return yield* provisioned(yield* provisioning.provision({ ...asked, connectionId: path.id }))
        }).pipe(Responses.orProblem))
      .handleRaw("check", ({ path }) =>
        provisioningOf(path.id).pipe(
          Effect.flatMap((provisioning) => provisioning.check(path.id)),
          Effect.flatMap((streams) => state({ streams })),
          Responses.orProblem
        ))
      .handleRaw("rotateSecret", ({ path, request }) =>
        Effect.gen(function*() {
          const provisioning = yield* provisioningOf(path.id)
          const { secret } = yield* rotate(request)
          const { generatedSecret, ...made } = yield* provisioning.rotateSecret({ connectionId: path.id, secret })
          return yield* rotated({
            ...made,
            ...(Option.isSome(generatedSecret) ? { generatedSecret: Redacted.value(generatedSecret.value) } : {})
          })
        }).pipe(Responses.orProblem))
      .handleRaw("finishRotation", ({ path }) =>
        provisioningOf(path.id).pipe(
          Effect.flatMap((provisioning) => provisioning.finishRotation(path.id)),
          Effect.as(Responses.noContent),
          Responses.orProblem
        ))
  }))

const provision = Responses.payload("provision", ProvisioningApi.Provision)
const rotate = Responses.payload("rotateWebhookSecret", ProvisioningApi.RotateWebhookSecret)
const provisioned = Responses.json(ProvisioningApi.Provisioned)
const state = Responses.json(ProvisioningApi.ProvisioningState)
const rotated = Responses.json(ProvisioningApi.RotatedWebhookSecret)
