/**
 * `connections add | list | check | use | rotate | revoke`: server tokens by name.
 *
 * @since 0.1.0
 */
import * as PostmarkClient from "@effect-postmark/core/PostmarkClient"
import * as RetryPolicy from "@effect-postmark/core/RetryPolicy"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type CliCommand, flag, has, type Operand, type Parsed, valueOf } from "../CliCommand.ts"
import { MissingToken, NotConfirmed, UsageError } from "../CliError.ts"
import * as Credentials from "../Credentials.ts"
import { Input } from "../Input.ts"
import { baseUrlOf, open, sourceOf, timeoutOf } from "../internal/calling.ts"
import { calling, everywhere, shared } from "../internal/flags.ts"
import { Output, OutputSettings } from "../Output.ts"
import * as Profiles from "../Profiles.ts"
import { Terminal } from "../Terminal.ts"
import type { View } from "../View.ts"

const nameOperand: Operand = { name: "name", description: "the connection's name" }

const tokenFlags = [calling.tokenFile, calling.tokenStdin, calling.baseUrl, calling.timeout]

const noCheck = flag("no-check", undefined, "store the token without asking Postmark whether it is valid")

const view: View = {
  columns: [
    { path: "name" },
    { path: "current" },
    { path: "serverName", title: "server" },
    { path: "serverId", title: "server id" },
    { path: "fingerprint" },
    { path: "baseUrl", title: "base url" },
    { path: "addedAt", title: "added", kind: "time" }
  ]
}

/** What may be shown of a stored connection. */
const shown = (name: string, profile: Profiles.Profile, current: string | undefined) => ({
  name,
  current: name === current,
  fingerprint: Profiles.fingerprint(profile.serverToken),
  ...(profile.serverId === undefined ? {} : { serverId: profile.serverId }),
  ...(profile.serverName === undefined ? {} : { serverName: profile.serverName }),
  ...(profile.baseUrl === undefined ? {} : { baseUrl: profile.baseUrl }),
  addedAt: profile.addedAt
})

const nameOf = (parsed: Parsed): Effect.Effect<string, UsageError> => {
  const [name = ""] = parsed.operands
  return /^[A-Za-z0-9][\w.-]{0,62}$/.test(name) && name !== "__proto__"
    ? Effect.succeed(name)
    : new UsageError({ message: "the name must be 1 to 63 letters, digits, '.', '-' and '_', a letter or digit first" })
}

/** The token of a flag, or the answer to a question on a terminal. It is never read from the environment. */
const tokenOf = (parsed: Parsed, question: string) =>
  Effect.gen(function*() {
    const given = yield* Credentials.given(sourceOf(parsed), yield* Input)
    if (given !== undefined) return given
    const terminal = yield* Terminal
    const { format } = yield* OutputSettings
    if (!terminal.canAsk || format !== undefined) {
      return yield* new MissingToken({ message: "missing server token; use --token-stdin or --token-file" })
    }
    const typed = yield* terminal.secret(question)
    if (Redacted.value(typed) === "") return yield* new MissingToken({ message: "the server token cannot be empty" })
    return yield* Credentials.checked(Redacted.value(typed))
  })

/** Asks Postmark which server a token opens. */
const serverOf = (parsed: Parsed, serverToken: Redacted.Redacted, baseUrl: string | undefined) =>
  Effect.gen(function*() {
    const timeout = yield* timeoutOf(parsed)
    const client = yield* PostmarkClient.make({ serverToken, apiUrl: baseUrl })
    return yield* RetryPolicy.withTimeLimit(client.server.get, timeout)
  })

const now = Effect.map(DateTime.now, DateTime.formatIso)

const common = {
  aliases: [],
  group: "Connections",
  output: "{ name, current, fingerprint, serverId?, serverName?, baseUrl?, addedAt }"
}

const add: CliCommand = {
  ...common,
  path: ["connections", "add"],
  summary: "Store a server token under a name",
  details:
    "The token comes from --token-stdin or --token-file; on a terminal the command asks for it. The first connection " +
    "is the one that is used without --connection.",
  operands: [nameOperand],
  flags: [...tokenFlags, noCheck, ...Object.values(everywhere)],
  examples: ["connections add acme", "connections add acme --token-stdin < token.txt"],
  codes: ["missing_token", "invalid_token", "profile_problem", "postmark_unavailable"],
  run: (parsed) =>
    Effect.gen(function*() {
      const name = yield* nameOf(parsed)
      const profiles = yield* Profiles.Profiles
      const output = yield* Output
      const stored = yield* profiles.read
      if (Object.hasOwn(stored.connections, name)) {
        return yield* new UsageError({
          message: "a connection with this name is stored; use connections rotate to replace its token"
        })
      }
      const baseUrl = yield* baseUrlOf(valueOf(parsed, calling.baseUrl))
      const serverToken = yield* tokenOf(parsed, "Server token")
      const server = has(parsed, noCheck) ? undefined : yield* serverOf(parsed, serverToken, baseUrl)
      const profile: Profiles.Profile = {
        serverToken,
        addedAt: yield* now,
        ...(baseUrl === undefined ? {} : { baseUrl }),
        ...(server === undefined ? {} : { serverId: server.id, serverName: server.name })
      }
      yield* profiles.change((before) => ({
        ...before,
        current: before.current ?? name,
        connections: { ...before.connections, [name]: profile }
      }))
      yield* output.data(shown(name, profile, stored.current ?? name), view)
    })
}

const list: CliCommand = {
  ...common,
  path: ["connections", "list"],
  summary: "List the stored connections, without their tokens",
  operands: [],
  flags: Object.values(everywhere),
  output: "{ connections: [{ name, current, fingerprint, serverId?, serverName?, baseUrl?, addedAt }] }",
  examples: ["connections list"],
  codes: ["profile_problem"],
  run: () =>
    Effect.gen(function*() {
      const { connections, current } = yield* Effect.flatMap(Profiles.Profiles, ({ read }) => read)
      const rows = Object.entries(connections).map(([name, profile]) => shown(name, profile, current))
      yield* Effect.flatMap(
        Output,
        (output) => output.data({ connections: rows }, { ...view, list: "connections" })
      )
    })
}

const check: CliCommand = {
  ...common,
  path: ["connections", "check"],
  summary: "Ask Postmark which server a token opens",
  details: "Without a name, the token that the other commands would use.",
  operands: [{ ...nameOperand, optional: true }],
  flags: [...Object.values(calling), ...Object.values(everywhere)],
  output: "{ serverId, serverName, deliveryType, fingerprint }",
  examples: ["connections check", "connections check acme"],
  codes: ["invalid_token", "unknown_connection", "missing_token", "profile_problem", "postmark_unavailable"],
  run: (parsed) =>
    Effect.gen(function*() {
      const [name] = parsed.operands
      const values = (flag: string) =>
        name !== undefined && flag === calling.connection.name ? [name] : parsed.values(flag)
      const { client, limited, serverToken } = yield* open({ ...parsed, values })
      const server = yield* limited(client.server.get)
      yield* Effect.flatMap(Output, (output) =>
        output.data({
          serverId: server.id,
          serverName: server.name,
          deliveryType: server.deliveryType,
          fingerprint: Profiles.fingerprint(serverToken)
        }, {}))
    })
}

const use: CliCommand = {
  ...common,
  path: ["connections", "use"],
  summary: "Choose the connection that is used without --connection",
  operands: [nameOperand],
  flags: Object.values(everywhere),
  examples: ["connections use acme"],
  codes: ["unknown_connection", "profile_problem"],
  run: (parsed) =>
    Effect.gen(function*() {
      const name = yield* nameOf(parsed)
      const profiles = yield* Profiles.Profiles
      const profile = yield* profiles.get(name)
      yield* profiles.change((stored) => ({ ...stored, current: name }))
      yield* Effect.flatMap(Output, (output) => output.data(shown(name, profile, name), view))
    })
}

const rotate: CliCommand = {
  ...common,
  path: ["connections", "rotate"],
  summary: "Replace the token of a stored connection",
  details: "The new token must open the same Postmark server.",
  operands: [nameOperand],
  flags: [...tokenFlags, noCheck, ...Object.values(everywhere)],
  examples: ["connections rotate acme", "connections rotate acme --token-stdin < token.txt"],
  codes: ["missing_token", "invalid_token", "unknown_connection", "profile_problem", "postmark_unavailable"],
  run: (parsed) =>
    Effect.gen(function*() {
      const name = yield* nameOf(parsed)
      const profiles = yield* Profiles.Profiles
      const before = yield* profiles.get(name)
      const serverToken = yield* tokenOf(parsed, "New server token")
      const baseUrl = (yield* baseUrlOf(valueOf(parsed, calling.baseUrl))) ?? before.baseUrl
      const server = has(parsed, noCheck) ? undefined : yield* serverOf(parsed, serverToken, baseUrl)
      if (server !== undefined && before.serverId !== undefined && server.id !== before.serverId) {
        return yield* new UsageError({
          message: "the new token opens another Postmark server; add it as another connection"
        })
      }
      const profile: Profiles.Profile = {
        ...before,
        serverToken,
        ...(server === undefined ? {} : { serverId: server.id, serverName: server.name })
      }
      yield* profiles.change((stored) => ({ ...stored, connections: { ...stored.connections, [name]: profile } }))
      const { current } = yield* profiles.read
      yield* Effect.flatMap(Output, (output) => output.data(shown(name, profile, current), view))
    })
}

const revoke: CliCommand = {
  ...common,
  path: ["connections", "revoke"],
  summary: "Remove a stored connection and its token",
  details: "The token itself stays valid: revoke it in Postmark as well.",
  operands: [nameOperand],
  flags: [shared.yes, shared.dryRun, ...Object.values(everywhere)],
  examples: ["connections revoke acme", "connections revoke acme --yes"],
  codes: ["not_confirmed", "unknown_connection", "profile_problem"],
  run: (parsed) =>
    Effect.gen(function*() {
      const name = yield* nameOf(parsed)
      const profiles = yield* Profiles.Profiles
      const output = yield* Output
      const profile = yield* profiles.get(name)
      const { current } = yield* profiles.read
      const gone = shown(name, profile, current)
      if (has(parsed, shared.dryRun)) return yield* output.data({ dryRun: true, ...gone }, view)
      yield* confirmed(parsed, `Remove the connection ${name} (${gone.fingerprint})?`)
      yield* profiles.change((stored) => {
        const { [name]: _, ...connections } = stored.connections
        const { current: __, ...rest } = stored
        return { ...rest, ...(current === undefined || current === name ? {} : { current }), connections }
      })
      yield* output.data({ ...gone, current: false, revoked: true }, view)
    })
}

/** Asks on a terminal, and needs `--yes` elsewhere. */
const confirmed = (parsed: Parsed, question: string) =>
  Effect.gen(function*() {
    if (has(parsed, shared.yes)) return
    const terminal = yield* Terminal
    const { format } = yield* OutputSettings
    if (!terminal.canAsk || format !== undefined) {
      return yield* new NotConfirmed({ message: "this cannot be undone; confirm it with --yes" })
    }
    if (!(yield* terminal.confirm(question))) {
      return yield* new NotConfirmed({ message: "not confirmed; nothing was changed" })
    }
  })

/**
 * @since 0.1.0
 * @category commands
 */
export const commands: ReadonlyArray<CliCommand> = [add, list, check, use, rotate, revoke]
