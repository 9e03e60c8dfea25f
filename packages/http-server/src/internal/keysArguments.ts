/** The arguments of `effect-postmark-server keys`. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { parseArgs } from "node:util"
import { Scope } from "../api/Access.ts"

/** The message says what to do about it. */
export class CommandFailure extends Data.TaggedError("CommandFailure")<{ readonly message: string }> {}

export interface Create {
  readonly name: "create"
  readonly keyName: string
  readonly connections: ReadonlyArray<string> | null
  readonly scopes: ReadonlyArray<Scope> | undefined
  readonly expiresIn: Duration.Duration | undefined
  readonly rateLimit: number | undefined
}

export type Command = Create | { readonly name: "list" } | { readonly name: "revoke"; readonly id: string }

export const usage = `usage: effect-postmark-server keys create --name <name> [options]
       effect-postmark-server keys list
       effect-postmark-server keys revoke <key id>

Manage API keys on PostgreSQL, or on the SQLite file of a stopped server. A running server does it over HTTP
(/v1/api-keys).

  --name <name>         name the key (1–200 characters)
  --connections <ids>   allow only these connections, separated by commas (all)
  --scopes <scopes>     allow only these, separated by commas: send, read, manage (all)
  --expires-in <time>   let the key expire after hours, days or weeks, such as 12h, 90d or 4w (never)
  --rate-limit <n>      allow n requests per minute, 1–1000000 (EFFECT_POSTMARK_RATE_LIMIT)

A key for all connections with the scope manage is an admin key. The new key is printed to stdout, this once.

examples:
  effect-postmark-server keys create --name shop --connections con_1 --scopes send --expires-in 90d
  effect-postmark-server keys create --name admin > admin.key`

export const parse = ([name, ...rest]: ReadonlyArray<string>): Effect.Effect<Command, CommandFailure> => {
  switch (name) {
    case "create":
      return create(rest)
    case "list":
      return rest.length === 0 ? Effect.succeed({ name }) : refuse(`unknown argument: ${rest.join(" ")}`)
    case "revoke": {
      const [id] = rest
      return rest.length === 1 && id !== undefined && /^key_[\w-]{1,40}$/.test(id)
        ? Effect.succeed({ name, id })
        : refuse("keys revoke needs the id of one key, such as key_abc123; keys list prints the ids")
    }
    default:
      return refuse(name === undefined ? "a command is missing after keys" : `unknown command: keys ${name}`)
  }
}

const refuse = (message: string) => new CommandFailure({ message: `${message}\n\n${usage}` })

const create = (args: ReadonlyArray<string>): Effect.Effect<Create, CommandFailure> =>
  Effect.gen(function*() {
    const { connections, "expires-in": expiresIn, name, "rate-limit": rateLimit, scopes } = yield* options(args)
    if (name === undefined || name === "" || name.length > 200) {
      return yield* refuse("--name must be 1–200 characters")
    }
    return {
      name: "create",
      keyName: name,
      connections: connections === undefined ? null : yield* listOf("--connections", connections),
      scopes: scopes === undefined
        ? undefined
        : yield* Effect.forEach(yield* listOf("--scopes", scopes), scope),
      expiresIn: expiresIn === undefined ? undefined : yield* duration(expiresIn),
      rateLimit: rateLimit === undefined ? undefined : yield* limit(rateLimit)
    }
  })

const options = (args: ReadonlyArray<string>) =>
  Either.match(
    Either.try({
      try: () =>
        parseArgs({
          args: [...args],
          options: {
            name: { type: "string" },
            connections: { type: "string" },
            scopes: { type: "string" },
            "expires-in": { type: "string" },
            "rate-limit": { type: "string" }
          }
        }).values,
      catch: (cause) => cause instanceof Error ? cause.message : "unknown argument"
    }),
    { onLeft: refuse, onRight: (values) => Effect.succeed(values) }
  )

/** At least one: an empty list would be a mistake, such as an empty shell variable. */
const listOf = (flag: string, text: string) => {
  const values = text.split(",").map((value) => value.trim()).filter((value) => value !== "")
  return values.length === 0
    ? refuse(`${flag} must be one or more values, separated by commas`)
    : Effect.succeed(values)
}

const scope = (text: string) => {
  const found = Scope.literals.find((literal) => literal === text)
  return found === undefined
    ? refuse(`unknown scope "${text}": --scopes must be of ${Scope.literals.join(", ")}`)
    : Effect.succeed(found)
}

const duration = (text: string) => {
  const [, count, unit] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? []
  return count === undefined
    ? refuse("--expires-in must be hours, days or weeks, such as 12h, 90d or 4w")
    : Effect.succeed(
      unit === "h"
        ? Duration.hours(Number(count))
        : unit === "d"
        ? Duration.days(Number(count))
        : Duration.weeks(Number(count))
    )
}

const limit = (text: string) => {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0
  return value >= 1 && value <= 1_000_000
    ? Effect.succeed(value)
    : refuse("--rate-limit must be a whole number from 1 to 1000000")
}
