/**
 * A command is data: its place in the tree, its flags, its help, and the effect that runs it. The parser, the help and
 * the completions are derived from it.
 *
 * @since 0.1.0
 */
import type { PostmarkError } from "@effect-postmark/core/PostmarkError"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Effect from "effect/Effect"
import type { CliError } from "./CliError.ts"
import type { Input } from "./Input.ts"
import type { Output } from "./Output.ts"
import type { Profiles } from "./Profiles.ts"
import type { Terminal } from "./Terminal.ts"

/**
 * A flag. `value` names its value, if it has one; `short` is its one-letter form; a `negatable` switch has a form
 * `--no-…`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Flag {
  readonly name: string
  readonly short?: string | undefined
  readonly value: string | undefined
  readonly repeated: boolean
  readonly negatable: boolean
  readonly description: string
}

/**
 * An argument without a flag, such as the id in `messages get <id>`. `repeated` is for the last operand only.
 *
 * @since 0.1.0
 * @category models
 */
export interface Operand {
  readonly name: string
  readonly description: string
  readonly optional?: boolean | undefined
  readonly repeated?: boolean | undefined
}

/**
 * What a command line gave. The values of a flag are in the order of the command line; the value of a switch is its own
 * name.
 *
 * @since 0.1.0
 * @category models
 */
export interface Parsed {
  readonly operands: ReadonlyArray<string>
  readonly values: (name: string) => ReadonlyArray<string>
}

/**
 * The services that a command can use.
 *
 * @since 0.1.0
 * @category models
 */
export type Services = FileSystem.FileSystem | HttpClient.HttpClient | Input | Output | Profiles | Terminal

/**
 * A field of a command's `--input`, for its help.
 *
 * @since 0.1.0
 * @category models
 */
export interface InputField {
  readonly name: string
  readonly optional: boolean
  readonly type: string
  readonly description: string | undefined
}

/**
 * A command. `aliases` are other names for the whole path, in one word. `codes` are the error codes that it can end
 * with beside those of every command. A `verbatim` command gets its arguments unread.
 *
 * @since 0.1.0
 * @category models
 */
export interface CliCommand {
  readonly path: readonly [string, ...ReadonlyArray<string>]
  readonly aliases: ReadonlyArray<string>
  readonly group: string
  readonly summary: string
  readonly details?: string | undefined
  readonly operands: ReadonlyArray<Operand>
  readonly flags: ReadonlyArray<Flag>
  readonly fields?: ReadonlyArray<InputField> | undefined
  readonly output: string
  readonly examples: ReadonlyArray<string>
  readonly codes: ReadonlyArray<string>
  readonly verbatim?: boolean | undefined
  readonly run: (parsed: Parsed) => Effect.Effect<void, CliError | PostmarkError, Services>
}

/**
 * Describes a flag.
 *
 * @since 0.1.0
 * @category constructors
 */
export const flag = (
  name: string,
  value: string | undefined,
  description: string,
  more: { readonly short?: string; readonly repeated?: boolean; readonly negatable?: boolean } = {}
): Flag => ({ name, value, description, repeated: false, negatable: false, ...more })

/**
 * Returns the value of a flag that cannot be repeated.
 *
 * @since 0.1.0
 * @category getters
 */
export const valueOf = (parsed: Parsed, flag: Flag): string | undefined => parsed.values(flag.name)[0]

/**
 * Tests whether a flag was given.
 *
 * @since 0.1.0
 * @category getters
 */
export const has = (parsed: Parsed, flag: Flag): boolean => parsed.values(flag.name).length > 0
