/**
 * Parses the command line strictly before `@effect/cli` does. `@effect/cli` skips a repeated flag without a value, does
 * not support `--to=value` for repeated flags, and quotes arguments in its errors.
 */
import * as Either from "effect/Either"
import type { CliCommand, Flag } from "../CliCommand.ts"
import { UsageError } from "../CliError.ts"
import { everywhere, reserved, spelled } from "./flags.ts"
import { nearest } from "./nearest.ts"

/** Rewrites the arguments after a command's path so that `@effect/cli` parses them correctly: flags, then operands. */
export const readArguments = (
  args: ReadonlyArray<string>,
  command: Pick<CliCommand, "flags" | "operands">
): Either.Either<ReadonlyArray<string>, UsageError> => {
  const flags = spelled(command.flags)
  const known = new Map(
    flags.flatMap((flag): Array<[string, Flag]> => [
      [`--${flag.name}`, flag],
      ...(flag.short === undefined ? [] : [[`-${flag.short}`, flag] as [string, Flag]])
    ])
  )
  const found = new Set([...known.keys(), ...reserved.map((name) => `--${name}`)])
  const isFlag = (text: string) => text === "--" || found.has(nameOf(text).toLowerCase())
  const seen = new Set<Flag>()
  const read: Array<string> = []
  const front: Array<string> = []
  const operands: Array<string> = []
  const most = command.operands.some(({ repeated }) => repeated === true) ? Infinity : command.operands.length
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ""
    const name = nameOf(argument)
    const flag = known.get(name)
    if (!argument.startsWith("-") || argument === "-" || argument === "--") {
      if (operands.length < most && argument !== "--" && argument !== "") {
        operands.push(argument)
        continue
      }
      return fail(`argument ${index + 1} after the command must be a flag; quote a value that contains spaces`)
    }
    if (flag === undefined) {
      const isNamed = /^--?[\w-]{1,40}$/.test(name)
      const near = isNamed ? nearest(name, [...known.keys()].filter((each) => each.startsWith("--"))) : undefined
      return fail(
        `unknown flag${isNamed ? ` ${name}` : ""}; ${
          near === undefined ? "" : `did you mean ${near}? `
        }--help lists the flags`
      )
    }
    if (seen.has(flag) && !flag.repeated) return fail(`--${flag.name} cannot be repeated`)
    seen.add(flag)
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
    if (flag === everywhere.logLevel && !levels.includes(value)) {
      return fail(`${name} must be one of ${levels.join(", ")}`)
    }
    // `@effect/cli` recognizes its own flags only before all others.
    const part = flag === everywhere.logLevel ? front : read
    part.push(`--${flag.name}`, value)
  }
  const missing = command.operands[operands.length]
  if (missing !== undefined && missing.optional !== true && !asksForText(read)) {
    return fail(`missing ${missing.name}: ${missing.description}`)
  }
  return Either.right([...front, ...read, ...operands])
}

const levels = ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"]

/** With one of these flags, nothing else of the command matters. */
const asksForText = (read: ReadonlyArray<string>): boolean => read.includes("--help") || read.includes("--version")

const nameOf = (argument: string): string =>
  argument.startsWith("--") && argument.includes("=") ? argument.slice(0, argument.indexOf("=")) : argument

const fail = (message: string): Either.Either<never, UsageError> => Either.left(new UsageError({ message }))
