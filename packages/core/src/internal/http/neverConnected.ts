/** Reads from an error's chain of causes whether a request can have left this machine. */

/** Codes of failures that end before the first byte of a request is written. */
const codes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
])

/** Longest chain of causes that is followed; a chain may lead back to itself. */
const maximumDepth = 8

export const neverConnected = (cause: unknown): boolean => {
  const code = transportCode(cause)
  return code !== undefined && isNeverConnected(code)
}

export const isNeverConnected = (code: string): boolean => codes.has(code)

/** The code of the outermost error that has one: `ECONNREFUSED`, `UND_ERR_SOCKET`, … */
export const transportCode = (cause: unknown): string | undefined => {
  let error = cause
  for (let depth = 0; depth < maximumDepth && typeof error === "object" && error !== null; depth++) {
    if ("code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]*$/.test(error.code)) return error.code
    error = "cause" in error ? error.cause : undefined
  }
  return undefined
}
