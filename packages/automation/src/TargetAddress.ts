/**
 * Which URLs events may be relayed to. The same rules hold when a target is created, when its URL changes, and for the
 * address of each connection.
 *
 * @since 0.1.0
 */
import type { Issue } from "@effect-postmark/core/PostmarkError"
import * as Either from "effect/Either"
import IpAddress from "ipaddr.js"

/**
 * What is allowed beside public addresses on the ports 80, 443, 8080 and 8443. `hosts` holds names, addresses and CIDR
 * ranges (`hooks.internal`, `127.0.0.1`, `10.0.0.0/8`). A name in it may resolve to any address. `ports` are further ports.
 *
 * @since 0.1.0
 * @category models
 */
export interface Allowed {
  readonly hosts?: ReadonlyArray<string> | undefined
  readonly ports?: ReadonlyArray<number> | undefined
}

/**
 * Whether a text can be one of the `hosts` of `Allowed`.
 *
 * @since 0.1.0
 * @category refinements
 */
export const isHost = (text: string): boolean =>
  text.includes("/")
    ? IpAddress.isValidCIDR(text)
    : IpAddress.isValid(bare(text)) || /^(?!-)[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63})*\.?$/i.test(text)

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Reads and normalises a URL, or says what is wrong with it. Does not look up its host. */
  readonly parse: (text: string) => Either.Either<URL, Issue>
  /** Whether a connection for this host name may go to this IP address. */
  readonly isAllowed: (hostname: string, address: string) => boolean
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (allowed: Allowed = {}): Service => {
  const names = new Set<string>()
  const ranges: Array<readonly [IpAddress.IPv4 | IpAddress.IPv6, number]> = []
  for (const entry of allowed.hosts ?? []) {
    if (entry.includes("/")) ranges.push(IpAddress.parseCIDR(entry))
    else if (IpAddress.isValid(bare(entry))) {
      const address = IpAddress.process(bare(entry))
      ranges.push([address, address.kind() === "ipv4" ? 32 : 128])
    } else names.add(nameOf(entry))
  }
  const ports = new Set([80, 443, 8080, 8443, ...(allowed.ports ?? [])])

  const isAllowedAddress = (text: string): boolean => {
    if (!IpAddress.isValid(text)) return false
    const address = IpAddress.process(text)
    return isPublic(address) ||
      ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))
  }

  const isAllowed = (hostname: string, address: string): boolean =>
    names.has(nameOf(hostname)) || isAllowedAddress(bare(address))

  return {
    parse: (text) => {
      if (text.length > maxLength) return refuse("invalid_url", `at most ${maxLength} characters`)
      const url = parsed(text)
      if (url === undefined || url.hostname === "" || !schemes.includes(url.protocol)) {
        return refuse("invalid_url", "must be an absolute http or https URL, such as https://example.com/hook")
      }
      if (url.href.length > maxLength) return refuse("invalid_url", `at most ${maxLength} characters`)
      if (url.username !== "" || url.password !== "" || text.includes("#") || authorityOf(text).includes("@")) {
        return refuse("invalid_url", "must not have credentials or a fragment")
      }
      const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port)
      if (!ports.has(port)) {
        return refuse("invalid_url", `the port must be one of ${[...ports].sort((a, b) => a - b).join(", ")}`)
      }
      const literal = bare(url.hostname)
      const allowedHost = IpAddress.isValid(literal)
        ? isAllowed(url.hostname, literal)
        : names.has(nameOf(url.hostname)) || !privateName.test(nameOf(url.hostname))
      return allowedHost
        ? Either.right(url)
        : refuse("blocked_address", "must have a public host; private hosts have to be allowed in the settings")
    },
    isAllowed
  }
}

// ipaddr.js calls `::7f00:1`, an IPv4 address in an old notation, unicast; all that is public in IPv6 is in 2000::/3
// (https://www.iana.org/assignments/ipv6-address-space).
const isPublic = (address: IpAddress.IPv4 | IpAddress.IPv6): boolean =>
  address.range() === "unicast" && (address.kind() === "ipv4" || address.match(globalUnicast))

const globalUnicast = IpAddress.parseCIDR("2000::/3")

const maxLength = 2_048

const schemes = ["http:", "https:"]

const privateName = /(?:^|\.)(?:localhost|internal|local|localdomain)$/

/** Without the brackets of an IPv6 address. */
const bare = (host: string): string => host.replace(/^\[(.*)\]$/, "$1")

const nameOf = (host: string): string => host.toLowerCase().replace(/\.+$/, "")

const authorityOf = (text: string): string => text.replace(/^[a-z]+:[/\\]*/i, "").split(/[/\\?#]/, 1)[0] ?? ""

const parsed = (text: string): URL | undefined => URL.canParse(text) ? new URL(text) : undefined

const refuse = (code: string, message: string): Either.Either<never, Issue> =>
  Either.left({ path: ["url"], message: `${message} (${code})` })
