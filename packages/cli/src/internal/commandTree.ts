/** Finds a command by its path or an alias, and says which one was meant if there is none. */
import type { CliCommand } from "../CliCommand.ts"
import { nearest } from "./nearest.ts"

export type Found =
  | { readonly _tag: "Command"; readonly command: CliCommand; readonly rest: ReadonlyArray<string> }
  | { readonly _tag: "Branch"; readonly first: string; readonly commands: ReadonlyArray<CliCommand> }
  | { readonly _tag: "None"; readonly near: string | undefined }

export const find = (commands: ReadonlyArray<CliCommand>, args: ReadonlyArray<string>): Found => {
  const [first = "", second] = args
  const alias = commands.find(({ aliases }) => aliases.includes(first))
  if (alias !== undefined) return { _tag: "Command", command: alias, rest: args.slice(1) }
  const exact = commands.find(({ path }) => path.every((word, index) => args[index] === word))
  if (exact !== undefined) return { _tag: "Command", command: exact, rest: args.slice(exact.path.length) }
  const branch = commands.filter(({ path }) => path[0] === first)
  if (branch.length > 0) {
    if (second === undefined || second.startsWith("-")) return { _tag: "Branch", first, commands: branch }
    const near = nearest(second, branch.map(({ path }) => path[1] ?? ""))
    return { _tag: "None", near: near === undefined ? undefined : `${first} ${near}` }
  }
  return { _tag: "None", near: nearestOf(commands, first, second) }
}

const nearestOf = (
  commands: ReadonlyArray<CliCommand>,
  first: string,
  second: string | undefined
): string | undefined => {
  const whole = second === undefined || second.startsWith("-") ? first : `${first} ${second}`
  const paths = commands.map(({ path }) => path.join(" "))
  const verbs = commands.filter(({ path }) => path.length === 2 && path[1] === first).map(({ path }) => path.join(" "))
  return nearest(whole, paths) ??
    (verbs.length === 1 ? verbs[0] : undefined) ??
    nearest(first, [...new Set(commands.flatMap(({ aliases, path }) => [path[0], ...aliases]))])
}
