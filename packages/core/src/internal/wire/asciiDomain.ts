/** International domain names in the form that mail servers know: `bücher.example` is `xn--bcher-kva.example`. */

// oxlint-disable-next-line no-control-regex
const ascii = /^[\u0000-\u007f]*$/

/** A mailbox with its domain in ASCII; undefined when the domain has no such form. */
export const withAsciiDomain = (mailbox: string): string | undefined => {
  const at = mailbox.lastIndexOf("@")
  const end = mailbox.endsWith(">") ? mailbox.length - 1 : mailbox.length
  const domain = mailbox.slice(at + 1, end)
  if (ascii.test(domain)) return mailbox
  const converted = hostOf(domain)
  return converted === undefined ? undefined : mailbox.slice(0, at + 1) + converted + mailbox.slice(end)
}

const hostOf = (domain: string): string | undefined => {
  try {
    const host = new URL(`http://${domain}`).hostname
    return ascii.test(host) && host.includes(".") ? host : undefined
  } catch {
    return undefined
  }
}
