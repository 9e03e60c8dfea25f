/** Serves the control API under `/_double`. It is loaded by the first request that wants it. */
import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpMethod from "@effect/platform/HttpMethod"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Control } from "../../Control.ts"
import { ControlApi } from "../../ControlApi.ts"
import type { Answer, Head } from "../../Exchange.ts"
import { stringify } from "../http/json.ts"
import { json } from "../http/response.ts"
import { layerControl } from "./controlHandlers.ts"
import { withoutActual } from "./issues.ts"

/** Makes what answers a request under `/_double`, given its body as text. */
export const make = Effect.fnUntraced(function*(control: Control) {
  const app = yield* HttpLayerRouter.toHttpEffect(
    Layer.mergeAll(
      HttpLayerRouter.addHttpApi(ControlApi).pipe(
        Layer.provide(layerControl(control)),
        Layer.provide(HttpServer.layerContext)
      ),
      HttpLayerRouter.add(
        "GET",
        "/_double/openapi.json",
        Effect.sync(() => HttpServerResponse.unsafeJson(OpenApi.fromApi(ControlApi)))
      )
    )
  )
  return (head: Head, body: string): Effect.Effect<Answer> =>
    // A web request takes no other method.
    HttpMethod.isHttpMethod(head.method)
      ? app.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(toRequest(head, body))),
        Effect.scoped,
        Effect.flatMap(toAnswer),
        Effect.catchTag("RouteNotFound", () => Effect.succeed(unknownControl))
      )
      : Effect.succeed(unknownControl)
})

const unknownControl = json(404, { message: "no such control" })

const toRequest = ({ headers, method, path, query }: Head, body: string): Request => {
  const url = new URL(path.replace(/(.)\/+$/, "$1"), "http://double.invalid")
  url.search = query.toString()
  return new Request(url, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): Array<[string, string]> =>
      value === undefined ? [] : [[name, value]]
    ),
    // No body is an empty object, which lacks the same fields.
    ...(method === "GET" || method === "HEAD" ? {} : { body: body.trim() === "" ? "{}" : body })
  })
}

const toAnswer = (response: HttpServerResponse.HttpServerResponse): Effect.Effect<Answer> =>
  Effect.promise(async () => {
    const web = HttpServerResponse.toWeb(response)
    const text = await web.text()
    return {
      status: web.status,
      headers: { ...Object.fromEntries(web.headers), ...json(web.status, {}).headers },
      body: web.status === 400 ? withoutValues(text) : text
    }
  })

/** A bad body, told without what stood in it: it may be a token or a password. */
const withoutValues = (text: string): string =>
  Option.match(decodeBad(text), {
    onNone: () => text,
    onSome: (bad) => {
      const issues = bad.issues.map((issue) => ({ ...issue, message: withoutActual(issue.message) }))
      // A tree, in which every value stands in one line.
      const message = bad.message.replaceAll(/,? actual [^\n]*/g, "")
      return stringify({ issues, message, _tag: bad._tag })
    }
  })

const decodeBad = Schema.decodeUnknownOption(Schema.parseJson(HttpApiError.HttpApiDecodeError))
