/** Hears from the server that something has changed. */

/**
 * Calls `changed`, which may fail when the server is gone, at the start and after every change, and never more often than a few times in a second. A page in the
 * background hangs up: a browser has few connections to one server.
 *
 * @param {() => Promise<void>} changed
 * @param {(state: "live" | "lost") => void} connection
 */
export const listen = (changed, connection) => {
  const refresh = atMostEvery(200, () => changed().catch(() => connection("lost")))
  /** @type {EventSource | undefined} */
  let source
  const connect = () => {
    source = new EventSource("/_double/changes")
    source.addEventListener("open", () => connection("live"))
    // The first one comes at once.
    source.addEventListener("change", refresh)
    source.addEventListener("error", () => {
      connection("lost")
      // A browser gives up when the answer was none of an event stream.
      if (source?.readyState === EventSource.CLOSED) setTimeout(reconnect, 1000)
    })
  }
  const reconnect = () => {
    source?.close()
    if (!document.hidden) connect()
  }
  document.addEventListener("visibilitychange", reconnect)
  reconnect()
  return refresh
}

/**
 * One call at a time; what is asked for during a call is done once, after it.
 *
 * @param {number} millis
 * @param {() => Promise<void>} work
 * @returns {() => void}
 */
const atMostEvery = (millis, work) => {
  let running = false
  let again = false
  const run = async () => {
    running = true
    again = false
    const pause = new Promise((resolve) => setTimeout(resolve, millis))
    try {
      await work()
    } finally {
      await pause
      running = false
      if (again) void run()
    }
  }
  return () => {
    if (running) again = true
    else void run()
  }
}
