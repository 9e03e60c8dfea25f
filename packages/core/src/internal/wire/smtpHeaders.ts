/**
 * Headers that steer Postmark over SMTP (https://postmarkapp.com/developer/user-guide/send-email-with-smtp). Over the API
 * a field does their work, and the header does nothing. `X-PM-Bounce-Type` and `X-PM-KeepID` have no field.
 */
const fields: ReadonlyArray<readonly [header: RegExp, name: string, field: string]> = [
  [/^x-pm-tag$/i, "X-PM-Tag", "tag"],
  [/^x-pm-message-stream$/i, "X-PM-Message-Stream", "messageStream"],
  [/^x-pm-trackopens$/i, "X-PM-TrackOpens", "trackOpens"],
  [/^x-pm-tracklinks$/i, "X-PM-TrackLinks", "trackLinks"],
  [/^x-pm-metadata-/i, "X-PM-Metadata-*", "metadata"]
]

/** What to tell the caller about headers that do nothing; no header's value is quoted. */
export const smtpHeaderWarnings = (
  headers: ReadonlyArray<{ readonly name: string }> | undefined
): ReadonlyArray<string> =>
  headers === undefined ? [] : fields.flatMap(([header, name, field]) =>
    headers.some((one) => header.test(one.name))
      ? [`the header ${name} does nothing over Postmark's API; use the field ${field}`]
      : []
  )
