/** The commands of the program, as text only: help must not load the server. */
import { nearest } from "./nearest.ts"

interface Definition {
  /** Names for the arguments that the command must have. */
  readonly arguments?: ReadonlyArray<string>
  readonly flags?: Readonly<Record<string, string>>
  readonly readsOwnArguments?: boolean
  readonly about: string
}

const definitions = {
  serve: { about: "start the server (default)" },
  "check-config": { about: "check the settings and print them; connects to nothing and changes nothing" },
  migrate: { about: "create or update the tables, and exit" },
  backup: {
    arguments: ["file"],
    about: "copy the SQLite file to a new file, also while the server runs"
  },
  "rotate-encryption-key": {
    flags: { "--check": "change nothing, and report which keys are needed" },
    about: "encrypt all stored secrets with the first key of EFFECT_POSTMARK_ENCRYPTION_KEY"
  },
  keys: {
    readsOwnArguments: true,
    about: "create, list or revoke API keys; keys --help lists the options"
  },
  "move-to-postgres": {
    about: "copy the SQLite file in EFFECT_POSTMARK_DATA_DIR to EFFECT_POSTMARK_DATABASE_URL"
  }
} satisfies Readonly<Record<string, Definition>>

export type Name = keyof typeof definitions

const aliases: Readonly<Record<string, Name>> = { "rotate-keys": "rotate-encryption-key" }

export type Parsed =
  | {
    readonly _tag: "Command"
    readonly name: Name
    readonly flags: ReadonlyArray<string>
    readonly args: ReadonlyArray<string>
  }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Version" }
  | { readonly _tag: "Invalid"; readonly message: string }

const isName = (name: string): name is Name => Object.hasOwn(definitions, name)

const definitionOf = (name: Name): Definition => definitions[name]

export const parse = (words: ReadonlyArray<string>): Parsed => {
  const [first, ...others] = words
  if (first !== undefined && isName(first) && definitionOf(first).readsOwnArguments === true) {
    return { _tag: "Command", name: first, flags: [], args: others }
  }
  if (words.some((word) => word === "--help" || word === "-h") || words[0] === "help") return { _tag: "Help" }
  if (words.length === 1 && (words[0] === "--version" || words[0] === "-v")) return { _tag: "Version" }
  const [word = "serve", ...rest] = words
  const name = aliases[word] ?? word
  if (!isName(name)) {
    const guess = nearest(name, Object.keys(definitions))
    return invalid(`unknown command: ${words.join(" ")}${guess === undefined ? "" : `\ndid you mean ${guess}?`}`)
  }
  const { arguments: wanted = [], flags: known = {} } = definitionOf(name)
  const flags = rest.filter((one) => one.startsWith("-"))
  const args = rest.filter((one) => !one.startsWith("-"))
  const unknown = flags.find((flag) => !Object.hasOwn(known, flag))
  if (unknown !== undefined || args.length > wanted.length) return invalid(`unknown command: ${words.join(" ")}`)
  const missing = wanted[args.length]
  if (missing !== undefined) return invalid(`${name} must be followed by <${missing}>`)
  return { _tag: "Command", name, flags, args }
}

const invalid = (message: string): Parsed => ({ _tag: "Invalid", message: `${message}\n\n${usage}` })

const rows = Object.keys(definitions).filter(isName).flatMap((name): ReadonlyArray<readonly [string, string]> => {
  const { about, arguments: wanted = [], flags = {} } = definitionOf(name)
  return [
    [[name, ...wanted.map((one) => `<${one}>`)].join(" "), about],
    ...Object.entries(flags).map(([flag, text]) => [`  ${flag}`, text] as const)
  ]
})

const width = Math.max(...rows.map(([left]) => left.length))

export const usage = `usage: effect-postmark-server [command]

${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n")}

  ${"--help".padEnd(width)}  print this text
  ${"--version".padEnd(width)}  print the version

Set the server up with environment variables, such as EFFECT_POSTMARK_PORT (8025). check-config lists them.

examples:
  effect-postmark-server
  EFFECT_POSTMARK_PORT=9000 effect-postmark-server serve
  effect-postmark-server backup /backups/2026-01-31.db
  EFFECT_POSTMARK_ENCRYPTION_KEY=new:<base64>,old:<base64> effect-postmark-server rotate-encryption-key`
