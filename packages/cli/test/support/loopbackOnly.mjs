/**
 * Runs in each child process before the program. It records every connection and name look-up, and blocks those that
 * would leave this machine.
 */
import dns from "node:dns"
import { appendFileSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import net from "node:net"

const file = process.env["CONNECTIONS_FILE"]
const isLoopback = (host) => host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host)

const check = (host) => {
  if (file !== undefined) appendFileSync(file, `${host}\n`)
  if (!isLoopback(host)) throw Object.assign(new Error("only this machine in tests"), { code: "ECONNREFUSED" })
}

const hostOf = (argument) => {
  const options = Array.isArray(argument) ? argument[0] : argument
  if (typeof options !== "object" || options === null || options.path) return undefined
  return typeof options.host === "string" ? options.host : "localhost"
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function(...args) {
  const host = hostOf(args[0])
  if (host !== undefined) check(host)
  return Reflect.apply(connect, this, args)
}

const lookup = dns.lookup
Object.assign(dns, {
  lookup: (host, ...rest) => {
    check(host)
    return Reflect.apply(lookup, dns, [host, ...rest])
  }
})
syncBuiltinESMExports()
