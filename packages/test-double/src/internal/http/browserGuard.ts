/** Keeps pages of other origins away from what directs the double. Postmark's own paths are open to all. */
import type { Answer, Head } from "../../Exchange.ts"
import { isLoopback } from "./loopback.ts"
import { json } from "./response.ts"

/**
 * The refusal of a request that a foreign page may have made, or undefined: a page that reaches a loopback address by a
 * name of its own (DNS rebinding) shows that name as the host, and any other page names its origin. The address is the
 * one the server listens on.
 */
export const refuseForeign = (address: string, { headers }: Head): Answer | undefined => {
  const { host = "", origin } = headers
  if (isLoopback(address) && !isLoopback(host.replace(/:\d*$/, ""))) {
    return json(403, {
      message: "This double listens on the loopback: the Host header must name localhost, 127.0.0.0/8 or [::1]."
    })
  }
  return origin === undefined || origin.toLowerCase() === `http://${host.toLowerCase()}`
    ? undefined
    : json(403, { message: "Only the double's own page may direct it: the Origin header names another origin." })
}
