/** An error for a person: what is wrong, where, and what to do. */
import type { ErrorReport } from "../../ErrorReport.ts"
import { clean, style } from "./table.ts"

export const errorText = (report: ErrorReport, color: boolean): string => {
  const { bold, dim, red } = style(color)
  const where = (report.issues ?? []).map((issue) => {
    const row = "row" in issue ? [`row ${issue.row}${issue.line === undefined ? "" : ` (line ${issue.line})`}`] : []
    const path = issue.path.length === 0 ? [] : [issue.path.join(".")]
    return `  ${[...row, ...path].map(clean).join(", ")}: ${clean(issue.message)}`
  })
  const inactive = report.inactiveRecipients ?? []
  return [
    `${bold(red("Error:"))} ${clean(report.message)} ${dim(`(${report.code})`)}`,
    ...where,
    ...(inactive.length === 0 ? [] : [`  Postmark no longer sends to ${clean(inactive.join(", "))}`]),
    ...advice(report).map((line) => `${bold("What to do:")} ${line}`),
    ""
  ].join("\n")
}

const advice = (report: ErrorReport): ReadonlyArray<string> => {
  const known = byCode[report.code]
  if (known !== undefined) return [known]
  if (report.retryAfterMs !== undefined) return [`try again in ${Math.ceil(report.retryAfterMs / 1_000)} seconds`]
  switch (report.fixableBy) {
    case "retry":
      return ["try again later; nothing was sent"]
    case "accountOwner":
      return ["ask the owner of the Postmark account"]
    default:
      return []
  }
}

const byCode: Readonly<Record<string, string>> = {
  missing_token: "set POSTMARK_SERVER_TOKEN, or store the token with: effect-postmark connections add <name>",
  invalid_token: "check the server token: https://account.postmarkapp.com/servers, then API Tokens",
  outcome_unknown: "look for the message with: effect-postmark messages list --since 1h",
  validation_failure: "correct the input and run the command again",
  invalid_rows: "correct the rows and run the command again, or send the valid ones with --partial",
  unknown_connection: "list the names with: effect-postmark connections list"
}
