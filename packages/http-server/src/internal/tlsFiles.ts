/** Reads the certificate and the key of the server's own TLS. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { createPrivateKey, X509Certificate } from "node:crypto"
import type { SecureContextOptions } from "node:tls"
import type { Settings } from "../Settings.ts"

/** The files cannot be used. */
export class TlsUnusable extends Data.TaggedError("TlsUnusable")<{ readonly message: string }> {}

/** The pair, or undefined when the settings name none. Warns of a certificate that is not valid now. */
export const read = (
  { tlsCertFile, tlsKeyFile }: Settings
): Effect.Effect<SecureContextOptions | undefined, TlsUnusable, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    if (Option.isNone(tlsCertFile) && Option.isNone(tlsKeyFile)) return undefined
    if (Option.isNone(tlsCertFile) || Option.isNone(tlsKeyFile)) {
      const [set, missing] = Option.isNone(tlsKeyFile) ? [certVariable, keyVariable] : [keyVariable, certVariable]
      return yield* new TlsUnusable({ message: `${missing} is not set, and ${set} is: set both, or neither` })
    }
    const cert = yield* file(certVariable, tlsCertFile.value)
    const key = yield* file(keyVariable, tlsKeyFile.value)
    const certificate = yield* Effect.try({
      try: () => new X509Certificate(cert),
      catch: () => new TlsUnusable({ message: `${certVariable}: ${tlsCertFile.value} holds no certificate in PEM` })
    })
    const privateKey = yield* Effect.try({
      try: () => createPrivateKey(key),
      catch: () =>
        new TlsUnusable({
          message: `${keyVariable}: ${tlsKeyFile.value} holds no private key in PEM without a passphrase`
        })
    })
    if (!certificate.checkPrivateKey(privateKey)) {
      return yield* new TlsUnusable({
        message: `the key in ${tlsKeyFile.value} is not that of the first certificate in ${tlsCertFile.value}`
      })
    }
    const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
    if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) {
      yield* Effect.logWarning(
        `the certificate in ${tlsCertFile.value} is valid from ${certificate.validFrom} to ${certificate.validTo}, ` +
          "not now: Postmark may refuse it"
      )
    }
    return { cert, key }
  })

const certVariable = "EFFECT_POSTMARK_TLS_CERT_FILE"
const keyVariable = "EFFECT_POSTMARK_TLS_KEY_FILE"

const file = (variable: string, path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.mapError(
      files.readFileString(path),
      (error) => new TlsUnusable({ message: `${variable}: ${path} cannot be read (${reasonOf(error)})` })
    ))

const reasonOf = (error: { readonly _tag: string; readonly reason?: string }): string => error.reason ?? error._tag
