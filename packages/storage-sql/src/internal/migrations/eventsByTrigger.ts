/** Reading the events of one trigger. */
import { statements } from "./statements.ts"

export const eventsByTrigger = statements(
  `CREATE INDEX postmark_events_trigger ON postmark_events (trigger_id, sequence)`,
  `CREATE INDEX postmark_events_connection_trigger ON postmark_events (connection_id, trigger_id, sequence)`
)
