/**
 * The relay's HTTP client on Node: undici, whose connections go to checked addresses only.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Dns from "node:dns"
import type { LookupFunction } from "node:net"
import { Agent, request } from "undici"
import { type Answer, RelayClient, RelayFailure, type Service } from "./RelayClient.ts"
import * as TargetAddress from "./TargetAddress.ts"

/**
 * `lookup` finds the addresses of a host name; by default the operating system does.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends TargetAddress.Allowed {
  readonly lookup?: ((hostname: string) => Promise<ReadonlyArray<Dns.LookupAddress>>) | undefined
  /** The most connections to one origin. Default: 64. */
  readonly connectionsPerOrigin?: number | undefined
}

/**
 * Literal addresses are checked before a request, since the connector looks up names alone. Each address of a name is
 * checked when a connection is made, and the connection goes to one of those. One forbidden address forbids them all.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function*() {
    const rules = TargetAddress.make(options)
    const find = options.lookup ?? ((hostname: string) => Dns.promises.lookup(hostname, { all: true }))
    const addressesOf = async (hostname: string): Promise<ReadonlyArray<Dns.LookupAddress>> => {
      const addresses = await find(hostname)
      if (addresses.length === 0) throw new Refused("ENOTFOUND")
      if (!addresses.every(({ address }) => rules.isAllowed(hostname, address))) throw new Refused(blockedAddress)
      return addresses
    }
    const lookup: LookupFunction = async (hostname, { all }, callback) => {
      try {
        const addresses = await addressesOf(hostname)
        const [first] = addresses
        if (all === true || first === undefined) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      } catch (error) {
        callback(new Refused(codeOf(error)), "")
      }
    }
    const agent = yield* Effect.acquireRelease(
      Effect.sync(() =>
        new Agent({
          connect: { lookup, timeout: 10_000 },
          connections: options.connectionsPerOrigin ?? 64,
          // The relay's own deadline is shorter; these hold if it is configured to be longer.
          headersTimeout: 120_000,
          bodyTimeout: 120_000
        })
      ),
      (made) => Effect.promise(() => made.destroy())
    )

    const send = async (
      url: URL,
      headers: Readonly<Record<string, string>>,
      body: string,
      signal: AbortSignal
    ): Promise<Answer> => {
      const response = await request(url, { dispatcher: agent, method: "POST", headers, body, signal })
      const retryAfter = response.headers["retry-after"]
      const chunks: Array<Uint8Array> = []
      let length = 0
      for await (const chunk of response.body) {
        if (!(chunk instanceof Uint8Array)) continue
        chunks.push(chunk.subarray(0, maxBytes - length))
        length += chunk.length
        // Leaving the loop destroys the body, and with it the connection.
        if (length >= maxBytes) break
      }
      return {
        status: response.statusCode,
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
        body: new Uint8Array(Buffer.concat(chunks))
      }
    }

    return {
      post: ({ body, headers, url: text }) => {
        const url = rules.parse(text)
        return url._tag === "Left"
          ? Effect.fail(new RelayFailure({ reason: blockedAddress }))
          : Effect.tryPromise({
            try: (signal) => send(url.right, headers, body, signal),
            catch: (error) => new RelayFailure({ reason: codeOf(error) })
          })
      }
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<RelayClient> => Layer.scoped(RelayClient, make(options))

const maxBytes = 65_536

const blockedAddress = "blocked_address"

class Refused extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

const codeOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return "unknown"
  if ("code" in error && typeof error.code === "string") return error.code
  // Node tries several addresses of a name, and wraps their failures together.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error ? error.name : "unknown"
}
