/** Loaded ahead of a program: whoever reaches beyond this machine ends at once, before a byte or a name leaves it. */
import dgram from "node:dgram"
import dns from "node:dns"
import net from "node:net"

const exitCode = 97

const isLoopback = (host) =>
  host === undefined || host === "" || host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host)

const refuse = (what) => {
  process.stderr.write(`beyond loopback: ${what}\n`)
  process.exit(exitCode)
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function(...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  const target = typeof first === "object" && first !== null ? first : { port: first, host: second }
  if (target.path === undefined && !isLoopback(target.host)) refuse(target.host)
  return connect.apply(this, args)
}

for (const name of ["lookup", "resolve", "resolve4", "resolve6"]) {
  for (const owner of [dns, dns.promises]) {
    const original = owner[name]
    owner[name] = function(host, ...rest) {
      if (!isLoopback(host)) refuse(host)
      return original.call(this, host, ...rest)
    }
  }
}

dgram.Socket.prototype.send = () => refuse("a datagram")
