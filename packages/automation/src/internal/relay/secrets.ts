/** Opens a target's secrets, once for each sealed text: a sealed text never changes its meaning. */
import * as RelayTarget from "@effect-postmark/core/RelayTarget"
import type * as Vault from "@effect-postmark/core/Vault"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"

export const placeOf = RelayTarget.secretPlace

export const opener = (vault: Vault.Service) => {
  const opened = new Map<string, Redacted.Redacted>()
  const open = (place: string, sealed: string) =>
    Effect.suspend(() => {
      const known = opened.get(sealed)
      if (known !== undefined) return Effect.succeed(known)
      return Effect.tap(vault.open(place, sealed), (secret) =>
        Effect.sync(() => {
          if (opened.size >= maxOpened) opened.clear()
          opened.set(sealed, secret)
        }))
    })
  return ({ currentSecret, id, previousSecret }: RelayTarget.StoredTarget) =>
    Effect.forEach(
      previousSecret === null ? [currentSecret] : [currentSecret, previousSecret],
      (sealed) => open(placeOf(id), sealed)
    )
}

const maxOpened = 10_000
