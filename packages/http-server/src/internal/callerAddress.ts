/** Who is calling: the machine itself, or somebody else. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Option from "effect/Option"

/** Whether the request was made on this machine, and not by a proxy for somebody else. */
export const isLoopback = ({ headers, remoteAddress }: HttpServerRequest.HttpServerRequest): boolean =>
  forwarded.every((name) => headers[name] === undefined) &&
  /^(?:::ffff:)?127(?:\.\d+){3}$|^::1$/.test(Option.getOrElse(remoteAddress, () => ""))

const forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]

/** Compares two texts in a time that depends on their lengths only. */
export const sameText = (presented: string, expected: string): boolean => {
  const [a, b] = [utf8.encode(presented), utf8.encode(expected)]
  let difference = a.length ^ b.length
  for (let index = 0; index < a.length; index++) difference |= (a[index] ?? 0) ^ (b[index % b.length] ?? 0)
  return difference === 0
}

const utf8 = new TextEncoder()
