/**
 * The typed handle of a double that runs in another process, over its control API.
 *
 * @since 0.1.0
 */
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ControlApi } from "./ControlApi.ts"

/**
 * Where the double listens: its `url` is what the program prints, such as `http://127.0.0.1:4010`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly url: string
}

/**
 * Makes the handle. A method has the name it has in `Control`, and takes its arguments as `{ payload }`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = ({ url }: Options) =>
  HttpApiClient.make(ControlApi, {
    baseUrl: url,
    // The double wants this of every POST, those without a body included.
    transformClient: HttpClient.mapRequest(HttpClientRequest.setHeader("content-type", "application/json"))
  })

/**
 * The service: the handle of a double in another process.
 *
 * @since 0.1.0
 * @category models
 */
export class RemoteDouble extends Context.Tag("@effect-postmark/test-double/RemoteDouble")<
  RemoteDouble,
  Effect.Effect.Success<ReturnType<typeof make>>
>() {}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<RemoteDouble, never, HttpClient.HttpClient> =>
  Layer.effect(RemoteDouble, make(options))
