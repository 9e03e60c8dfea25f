/**
 * Parses the command line strictly before `@effect/cli` does. `@effect/cli` skips a repeated flag without a value, does
 * not support `--to=value` for repeated flags, and quotes arguments in its errors.
 */
import * as Either from "effect/Either"
import { UsageError } from "../CliError.ts"
import { common, type Flag, reserved } from "./flags.ts"

/** Rewrites the arguments after a command's name so that `@effect/cli` parses them correctly. */
export const readArguments = (
  args: ReadonlyArray<string>,
  flags: ReadonlyArray<Flag>
): Either.Either<ReadonlyArray<string>, UsageError> => {
  const known = new Map(flags.map((flag) => [`--${flag.name}`, flag]))
  const found = new Set([...known.keys(), ...reserved.map((name) => `--${name}`)])
  const isFlag = (text: string) => text === "-h" || text === "--" || found.has(nameOf(text).toLowerCase())
  const seen = new Set<string>()
  const read: Array<string> = []
  const front: Array<string> = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ""
    const name = nameOf(argument)
    const flag = name === "-h" ? common.help : known.get(name)
    if (!argument.startsWith("-") || argument === "-" || argument === "--") {
      return fail(`argument ${index + 1} after the command must be a flag; quote a value that contains spaces`)
    }
    if (flag === undefined) {
      return fail(`unknown flag${/^--?[\w-]{1,40}$/.test(name) ? ` ${name}` : ""}; --help lists the flags`)
    }
    if (seen.has(name) && !flag.repeated) return fail(`${name} cannot be repeated`)
    seen.add(name)
    const attached = argument.length > name.length ? argument.slice(name.length + 1) : undefined
    if (flag.value === undefined) {
      if (attached !== undefined) return fail(`${name} cannot have a value`)
      read.push(`--${flag.name}`)
      continue
    }
    const value = attached ?? args[++index]
    if (value === undefined || (attached === undefined && isFlag(value))) return fail(`${name} must have a value`)
    if (flag.repeated && value.trim() === "") return fail(`${name} cannot be empty`)
    if (isFlag(value)) return fail(`the value of ${name} cannot be the name of a flag; put it into --input`)
    // `@effect/cli` recognizes its own flags only before all others.
    const part = flag === common.logLevel ? front : read
    part.push(name, value)
  }
  return Either.right([...front, ...read])
}

const nameOf = (argument: string): string =>
  argument.startsWith("--") && argument.includes("=") ? argument.slice(0, argument.indexOf("=")) : argument

const fail = (message: string): Either.Either<never, UsageError> => Either.left(new UsageError({ message }))
