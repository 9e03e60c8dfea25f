/** Keeps real tokens of Postmark, which are UUIDs, away from the double. What it says never holds a token. */
import * as Effect from "effect/Effect"
import { ControlError } from "../../Control.ts"
import type { Answer, Head } from "../../Exchange.ts"
import type { Settings } from "../../PostmarkServer.ts"
import { refusal, refused } from "../http/response.ts"
import { findServer, type World } from "../state/state.ts"

export interface TokenGuard {
  /** Why a token that the test has chosen is refused; undefined if it is not. */
  readonly problem: (name: string, token: string) => ControlError | undefined
  /** What to say of credentials among which is a real token; undefined if none is. The first time, it is logged. */
  readonly warn: (world: World, tokens: ReadonlyArray<string | undefined>) => Effect.Effect<string | undefined>
  /** Refuses a request without a valid token of this kind, and warns of the first one that came with a real one. */
  readonly refuse: (world: World, head: Head, kind: "server" | "account") => Effect.Effect<Answer>
}

export const makeTokenGuard = (allowed: boolean): TokenGuard => {
  let warned = false
  const warn: TokenGuard["warn"] = (world, tokens) =>
    Effect.suspend(() => {
      const foreign = tokens.some((token) => token !== undefined && looksReal(token) && !owns(world, token))
      if (allowed || !foreign) return Effect.succeed(undefined)
      if (warned) return Effect.succeed(warning)
      warned = true
      return Effect.as(Effect.logWarning(`A request to the Postmark double was refused. ${warning}`), warning)
    })
  return {
    problem: (name, token) => allowed || !looksReal(token) ? undefined : tokenLooksReal(name),
    warn,
    refuse: (world, head, kind) =>
      Effect.map(
        warn(world, [head.headers["x-postmark-server-token"], head.headers["x-postmark-account-token"]]),
        (warning) => warning === undefined ? unauthorized[kind] : refused(refusal(10, `${texts[kind]} ${warning}`, 401))
      )
  }
}

/** The first problem among the tokens that a double begins with. */
export const settingsProblem = (
  { accountToken, guard, servers }: {
    readonly accountToken: string
    readonly guard: TokenGuard
    readonly servers: ReadonlyArray<Settings>
  }
): ControlError | undefined =>
  servers.map((settings, i) => serverProblem(guard, settings, `servers[${i}].`)).find((problem) =>
    problem !== undefined
  ) ??
    guard.problem("accountToken", accountToken) ?? tokenTaken(servers)

/** The first problem among the tokens of one server. */
export const serverProblem = (
  guard: TokenGuard,
  { smtpTokens = [], token }: Settings,
  prefix: string
): ControlError | undefined =>
  [
    guard.problem(`${prefix}token`, token),
    ...smtpTokens.flatMap(({ accessKey, secretKey }, i) => [
      guard.problem(`${prefix}smtpTokens[${i}].accessKey`, accessKey),
      guard.problem(`${prefix}smtpTokens[${i}].secretKey`, secretKey)
    ])
  ].find((problem) => problem !== undefined)

/** Of two servers with one token, the second could never be reached. */
const tokenTaken = (servers: ReadonlyArray<Settings>): ControlError | undefined => {
  const tokens = servers.map(({ token }) => token.toLowerCase())
  const again = tokens.findIndex((token, i) => tokens.indexOf(token) < i)
  return again < 0 ? undefined : new ControlError({
    reason: "TokenTaken",
    message: `servers[${again}].token is that of another server: give each server a token of its own`
  })
}

const looksReal = (token: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(token.trim())

const owns = (world: World, token: string): boolean =>
  findServer(world, token) !== undefined || token.trim().toLowerCase() === world.account.token.toLowerCase()

const tokenLooksReal = (name: string): ControlError =>
  new ControlError({
    reason: "TokenLooksReal",
    message:
      `${name} looks like a real token of Postmark, which is a UUID. A double needs none: choose another text, or ` +
      "set allowRealLookingTokens."
  })

const warning =
  "Its token looks like a real one of Postmark, and this is a double: use a token of the double, and keep real ones out " +
  "of tests."

// Not established (docs/postmark.md#transport): the wording for an account token.
const texts = {
  server: "Request does not contain a valid Server token.",
  account: "Request does not contain a valid Account token."
}

export const unauthorized = {
  server: refused(refusal(10, texts.server, 401)),
  account: refused(refusal(10, texts.account, 401))
}
