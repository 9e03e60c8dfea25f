/** Who sent a request: the socket's address, or what a trusted proxy says. */
import * as Either from "effect/Either"
import { BlockList, isIP } from "node:net"

export interface ClientAddress {
  /** `forwardedFor` is the header's whole value. Undefined when the socket has no address any more. */
  readonly of: (socket: string | undefined, forwardedFor: string | undefined) => string | undefined
}

/** `proxies` are addresses and CIDR ranges. Only from them the header `X-Forwarded-For` is believed. */
export const make = (proxies: ReadonlyArray<string>): Either.Either<ClientAddress, string> => {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const problem = add(trusted, proxy)
    if (problem !== undefined) return Either.left(problem)
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")
  return Either.right({
    of: (socket, forwardedFor) => {
      let client = socket === undefined ? undefined : plain(socket)
      if (client === undefined || proxies.length === 0 || forwardedFor === undefined) return client
      // Each proxy adds its client at the end: what is before the first one that is not ours, anybody may have written.
      for (const entry of forwardedFor.split(",").reverse().slice(0, maximumHops)) {
        if (!isTrusted(client)) break
        const next = plain(entry.trim())
        if (next === undefined) break
        client = next
      }
      return client
    }
  })
}

const maximumHops = 20

const add = (trusted: BlockList, proxy: string): string | undefined => {
  const [address = "", prefix, ...rest] = proxy.split("/")
  const version = isIP(address)
  const bits = prefix === undefined ? (version === 6 ? 128 : 32) : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
  if (version === 0 || rest.length > 0 || bits < 0 || bits > (version === 6 ? 128 : 32)) {
    return `"${proxy}" must be an IP address, or a CIDR range such as 10.0.0.0/8`
  }
  trusted.addSubnet(address, bits, version === 6 ? "ipv6" : "ipv4")
  return undefined
}

/** An address alone: an entry of the header may have a port, and IPv6 brackets. */
const plain = (text: string): string | undefined => {
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text
  const [unzoned = ""] = address.split("%", 1)
  const version = isIP(unzoned)
  if (version === 0) return undefined
  return version === 6 ? /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unzoned)?.[1] ?? unzoned : unzoned
}

/** The unit in which failures are counted: a client has all addresses of an IPv6 network of 64 bits. */
export const networkOf = (address: string): string => {
  if (isIP(address) !== 6) return address
  const [head = "", tail] = address.toLowerCase().split("::")
  const groups = head === "" ? [] : head.split(":")
  const rest = tail === undefined || tail === "" ? [] : tail.split(":")
  const whole = tail === undefined
    ? groups
    : [...groups, ...Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => "0"), ...rest]
  return `${whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`
}
