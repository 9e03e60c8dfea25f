/**
 * Finds the commands in the shell blocks of a page, as words without quotes. Lines that go on after `\` are joined. In a
 * recorded session, only the lines after a prompt are commands.
 */
export const documentedCommands = (page: string): ReadonlyArray<ReadonlyArray<string>> =>
  [...page.matchAll(/```(sh|bash|console|text)\n([\s\S]*?)```/g)].flatMap(([, kind, block = ""]) =>
    block.replace(/\\\n\s*/g, " ").split("\n")
      .filter((line) => kind !== "text" || line.startsWith("$ "))
      .flatMap((line) =>
        [...line.matchAll(/(?:^|[\s(|$])(?:npx )?effect-postmark(?= |$)([^|<>&]*)/g)].map(([, rest = ""]) =>
          [...rest.matchAll(/"[^"]*"|'[^']*'|[^\s"')]+/g)].map(([word]) => word.replace(/^["']|["']$/g, ""))
        )
      )
  )
