/** Completions of the shells: the words that can follow what was typed. */
import type { CliCommand } from "../CliCommand.ts"
import { spelled } from "./flags.ts"

export type Shell = "bash" | "zsh" | "fish"

export const shells: ReadonlyArray<Shell> = ["bash", "zsh", "fish"]

/** Words by the path before them. */
const words = (commands: ReadonlyArray<CliCommand>): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => {
  const table = new Map<string, Array<string>>([["", []]])
  const add = (at: string, word: string) => {
    const known = table.get(at) ?? []
    if (!known.includes(word)) known.push(word)
    table.set(at, known)
  }
  for (const { aliases, flags, path } of commands) {
    for (const [index, word] of path.entries()) add(path.slice(0, index).join(" "), word)
    for (const flag of spelled(flags)) {
      for (const at of [path.join(" "), ...aliases]) add(at, `--${flag.name}`)
    }
  }
  return [...table]
}

const valued = (
  commands: ReadonlyArray<CliCommand>
): ReadonlyArray<string> => [
  ...new Set(
    commands.flatMap(({ flags }) => flags.flatMap((flag) => flag.value === undefined ? [] : [`--${flag.name}`]))
  )
]

export const completions = (shell: Shell, name: string, commands: ReadonlyArray<CliCommand>): string => {
  const id = name.replaceAll("-", "_")
  const table = words(commands)
  const cases = table.map(([at, found]) => `    "${at}") words="${found.join(" ")}" ;;`).join("\n")
  // A flag's value is a file or a text of the person's own; the shell completes files by itself.
  const choose = `  case "$path" in
${cases}
    *) words="" ;;
  esac`
  switch (shell) {
    case "bash":
      return `# bash completion of ${name}
_${id}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word
  COMPREPLY=()
  case "$previous" in
    ${valued(commands).join("|")}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; *) path="\${path:+$path }$word" ;; esac
  done
${choose}
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _${id} ${name}
`
    case "zsh":
      // zsh has the line in words, so the candidates have another name.
      return `#compdef ${name}
_${id}() {
  local typed="" word
  local -a found
  case "\${words[CURRENT-1]}" in
    ${valued(commands).join("|")}) _files; return ;;
  esac
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) break ;; *) typed="\${typed:+$typed }$word" ;; esac
  done
  case "$typed" in
${table.map(([at, found]) => `    "${at}") found=(${found.join(" ")}) ;;`).join("\n")}
  esac
  compadd -a found
}
if [ "$funcstack[1]" = "_${id}" ]; then _${id} "$@"; else compdef _${id} ${name}; fi
`
    case "fish":
      return `# fish completion of ${name}
function __${id}_words
  set -l path
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and break
    set path $path $word
  end
  switch "$path"
${table.map(([at, found]) => `    case "${at}"\n      printf '%s\\n' ${found.join(" ")}`).join("\n")}
  end
end
complete -c ${name} -a '(__${id}_words)'
`
  }
}
