/** How much room the disk of the data directory has. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import { statfs } from "node:fs/promises"

const free = Metric.gauge("postmark_data_disk_free_bytes")

/** Sets the gauge each minute. Where the system cannot tell, there is no gauge. */
export const layer = (directory: string): Layer.Layer<never> =>
  Layer.scopedDiscard(
    Effect.tryPromise(() => statfs(directory)).pipe(
      Effect.flatMap(({ bavail, bsize }) => Metric.set(free, bavail * bsize)),
      Effect.ignore,
      Effect.repeat(Schedule.spaced("1 minute")),
      Effect.forkScoped
    )
  )
