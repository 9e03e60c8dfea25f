/** Finds the commands in the shell blocks of a page, as words without quotes. Lines that go on after `\` are joined. */
export const documentedCommands = (page: string): ReadonlyArray<ReadonlyArray<string>> =>
  [...page.matchAll(/```(?:sh|bash|console|text)\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block.replace(/\\\n\s*/g, " ").split("\n").flatMap((line) =>
      [...line.matchAll(/(?:^|[\s(|$])(?:npx )?effect-postmark(?= |$)([^|<>&]*)/g)].map(([, rest = ""]) =>
        [...rest.matchAll(/"[^"]*"|'[^']*'|[^\s"')]+/g)].map(([word]) => word.replace(/^["']|["']$/g, ""))
      )
    )
  )
