/**
 * A typed client of a running server. It runs wherever there are an `HttpClient` and the web's globals, browsers
 * included, and brings none of the server with it.
 *
 * @since 0.1.0
 */
import type { Action } from "@effect-postmark/core/Action"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Api } from "./Api.ts"
import { OperationsApi } from "./api/OperationsApi.ts"
import * as PostmarkActionsApi from "./api/PostmarkActionsApi.ts"
import * as Problem from "./api/Problem.ts"

/**
 * All routes, with types. Any request can also get the problems 401, 403, 429, 500 and 503.
 *
 * @since 0.1.0
 * @category apis
 */
export class ClientApi extends HttpApi.make("effect-postmark")
  .addHttpApi(PostmarkActionsApi.PostmarkActionsApi)
  .addHttpApi(OperationsApi)
  .addHttpApi(Api)
  .addError(Problem.Unauthorized)
  .addError(Problem.Forbidden)
  .addError(Problem.RateLimited)
  .addError(Problem.Broken)
  .addError(Problem.Unavailable)
{}

/**
 * Options of a client: the server's URL, and an API key.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly baseUrl: string
  readonly apiKey: Redacted.Redacted
}

type Groups = typeof ClientApi extends HttpApi.HttpApi<infer _Id, infer Groups, infer _E, infer _R> ? Groups : never

type Problems = typeof ClientApi extends HttpApi.HttpApi<infer _Id, infer _Groups, infer E, infer _R> ? E : never

/**
 * @since 0.1.0
 * @category models
 */
export interface Service extends HttpApiClient.Client<Groups, Problems, never> {}

/**
 * Creates a client. Each route is a method of its group: `client.templates.list({ path: { id }, urlParams: {} })`.
 * A problem of the server is a failure with its `status` and `code`; see {@link isProblem}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Effect.Effect<Service, never, HttpClient.HttpClient> =>
  HttpApiClient.make(ClientApi, {
    baseUrl: options.baseUrl,
    transformClient: withKey(options.apiKey),
    transformResponse: withProblems
  })

/**
 * @since 0.1.0
 * @category tags
 */
export class Client extends Context.Tag("@effect-postmark/http-server/Client")<Client, Service>() {}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Client, never, HttpClient.HttpClient> =>
  Layer.effect(Client, make(options))

/**
 * Creates the method of an action that a server has besides Postmark's own.
 *
 * @since 0.1.0
 * @category constructors
 */
export const action = <Id extends string, Payload, PayloadJson, Success, SuccessJson, E, EJson>(
  options: Options,
  definition: Action<Id, Payload, PayloadJson, Success, SuccessJson, E, EJson>
) =>
  Effect.flatMap(HttpClient.HttpClient, (httpClient) =>
    HttpApiClient.endpoint(
      HttpApi.make("effect-postmark-action").add(
        HttpApiGroup.make("actions").add(PostmarkActionsApi.endpoint("run", definition))
      ),
      {
        group: "actions",
        endpoint: "run",
        baseUrl: options.baseUrl,
        httpClient: withKey(options.apiKey)(httpClient),
        transformResponse: withProblems
      }
    ))

/**
 * Whether a failure of the client is a problem of the server.
 *
 * @since 0.1.0
 * @category guards
 */
export const isProblem = Schema.is(Problem.Problem)

const withKey = (apiKey: Redacted.Redacted) =>
  HttpClient.mapRequest(HttpClientRequest.bearerToken(Redacted.value(apiKey)))

/** A problem with a status that the route does not document is a problem all the same. */
const withProblems = (response: Effect.Effect<unknown, unknown>): Effect.Effect<unknown, unknown> =>
  Effect.catchAll(response, (failure) =>
    HttpClientError.isHttpClientError(failure) && failure._tag === "ResponseError"
      ? failure.response.json.pipe(
        Effect.option,
        Effect.map(Option.flatMap(Schema.decodeUnknownOption(Problem.Problem))),
        Effect.flatMap((problem) => Effect.fail(Option.getOrElse(problem, () => failure)))
      )
      : Effect.fail(failure))
