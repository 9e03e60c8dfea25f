/**
 * Loaded into a program before its own code. Ctrl-C reaches a program under `npm start` up to three times: from the
 * terminal, from npm and from start.mjs. A program that shuts down cleanly on the first would be killed by the second,
 * so repetitions within two seconds are dropped. Later ones are meant, and end it at once.
 */
import { constants } from "node:os"

let first

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    const now = performance.now()
    const handled = process.listenerCount(signal) > 1
    if ((first === undefined && !handled) || (first !== undefined && now - first > 2000)) {
      process.exit(128 + constants.signals[signal])
    }
    first ??= now
  })
}
