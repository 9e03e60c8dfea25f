/** Compares two values. The time depends on the length of the presented value only, never on the secret. */
export const equalBytes = (presented: Uint8Array, secret: Uint8Array): boolean => {
  let difference = presented.length ^ secret.length
  for (let index = 0; index < presented.length; index++) {
    difference |= (presented[index] ?? 0) ^ (secret[index % Math.max(secret.length, 1)] ?? 0)
  }
  return difference === 0 && secret.length > 0
}
